"""What a reader asks for: parameters and the grammar of the text, and where its words stand in an article.

Knows words and places; must not know any index, nor what comes first in one.
"""
