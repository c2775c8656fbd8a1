"""How good the order of results is: judged queries, the standard measures over them, the least scores there must be.

This room asks the library what a user would ask it, and scores what comes back. It must not know how an engine matches
or which numbers ranking has (an engine is asked through its contract alone), and nothing but commands may know it.

`judgements` reads what is right, `samples` and `sets` say which articles are searched; `evaluation` runs the queries,
`measures` scores an order, `scores` holds what was found, `floors` compares them with the least ones, `tables` prints.
`answered` judges the answers on top.
"""

from __future__ import annotations

from .answered import AnswerScore, Question, ask, load_questions, score_answers, sentences_of
from .evaluation import engine_for, evaluate, evaluate_sets, opened
from .floors import below_floors, load_floors, shipped_floors
from .judgements import Judged, load_judgements
from .scores import Evaluation, load_evaluations, save_evaluations
from .sets import JudgedSets, find_set, load_sets, sets_at_hand

__all__ = [
    "AnswerScore",
    "Evaluation",
    "Judged",
    "JudgedSets",
    "Question",
    "ask",
    "below_floors",
    "engine_for",
    "evaluate",
    "evaluate_sets",
    "find_set",
    "load_evaluations",
    "load_floors",
    "load_judgements",
    "load_questions",
    "load_sets",
    "opened",
    "save_evaluations",
    "score_answers",
    "sentences_of",
    "sets_at_hand",
    "shipped_floors",
]
