"""What is no page: the JSON endpoint and its description, feeds and exports, errors, headers, the production server.

May use the addresses and words of `webui.pages`; must not know how a page is laid out, nor anything inside an engine.
"""
