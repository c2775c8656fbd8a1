"""The pages for readers: their finished values (labels, sentences, counts, addresses) and the views that render them.

Knows the public names of `search` and the templates; must not know `webui.http`, the JSON endpoint or any file.
"""
