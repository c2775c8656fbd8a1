"""The OpenAPI document is held to the code: same parameters, answers of that very shape, fuzzing finds nothing."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS

from search import FACET_KEYS, PARAMETERS
from search.model import Described
from tests.web import make_app
from webui.http.json_schema import Schemas
from webui.http.openapi import document


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_app(tmp_path_factory.mktemp("openapi"))


@pytest.fixture(scope="module")
def client(app: Any) -> FlaskClient:
    return app.test_client()


def test_document_is_valid_openapi_and_served_as_it_is(client: FlaskClient) -> None:
    validate(document())
    assert client.get("/openapi.json").json == document()


def test_parameters_are_those_the_code_reads() -> None:
    described = document()["paths"]["/api/v1/search"]["get"]["parameters"]
    assert [parameter["name"] for parameter in described] == [parameter.name for parameter in PARAMETERS]


def test_every_path_is_served_and_every_machine_path_is_described(app: Any) -> None:
    rules = {rule.rule.replace("<path:article_id>", "{id}") for rule in app.url_map.iter_rules()}
    described = set(document()["paths"])
    assert described <= rules
    assert {rule for rule in rules if rule.startswith("/api/")} <= described


@pytest.mark.parametrize(
    ("schema", "address"),
    [
        ("Answer", "/api/v1/search?q=黑河 备案 挂失 怎么 -x&province=黑龙江"),
        ("Answer", "/api/v1/search?size=100"),
        ("Answer", '/api/v1/search?q="挂失"'),
        ("Answer", "/api/v1/search?q=备案&explain=1&collapse=1"),
        ("Article", "/api/v1/articles/card.md"),
        ("Article", "/api/v1/articles/pay/1"),
        ("Suggestions", "/api/v1/suggest?q=bei"),
        ("Suggestions", "/api/v1/suggest"),
        ("Problem", "/api/v1/suggest?q=a&q=b"),
        ("Problem", "/api/v1/suggest?size=3"),
        ("Health", "/healthz"),
        ("Probe", "/livez"),
        ("Probe", "/readyz"),
        ("Problem", "/api/v1/search?size=0"),
        ("Problem", "/api/v1/articles/none"),
    ],
)
def test_answers_have_exactly_the_described_shape(client: FlaskClient, schema: str, address: str) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(client.get(address).get_json(force=True))] == []


def test_every_facet_is_a_field_of_answers_hits_and_articles() -> None:
    schemas = document()["components"]["schemas"]
    assert list(schemas["Facets"]["properties"]) == list(FACET_KEYS)
    for name in ("Hit", "Article"):
        for key in FACET_KEYS:
            assert schemas[name]["properties"][key] == {"type": "array", "items": {"type": "string"}}
            assert key in schemas[name]["required"]


class Leaf(TypedDict):
    """A leaf."""

    size: NotRequired[int]


class Tree(TypedDict):
    """A tree of trees."""

    leaves: list[Leaf]
    inside: list["Tree"]


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (str | None, {"type": ["string", "null"]}),
        (Literal["a", "b"], {"enum": ["a", "b"]}),
        (Literal["a"] | None, {"enum": ["a", None]}),
        (list[bool], {"type": "array", "items": {"type": "boolean"}}),
        (Annotated[int, Described(minimum=0)], {"type": "integer", "minimum": 0}),
        (Annotated[str, Described(enum=("a", "b"))], {"type": "string", "enum": ["a", "b"]}),
        (Annotated[str, Described(format="date")] | None, {"type": ["string", "null"], "format": "date"}),
        (
            tuple[int, float],
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "number"}], "minItems": 2, "maxItems": 2},
        ),
        (Leaf, {"$ref": "#/components/schemas/Leaf"}),
        (Leaf | None, {"anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "null"}]}),
    ],
    ids=str,
)
def test_types_as_schemas(kind: Any, schema: dict[str, Any]) -> None:
    assert Schemas(lambda shape: shape.__name__, lambda shape: {}).of(kind) == schema


def test_objects_are_closed_and_may_contain_themselves() -> None:
    schemas = Schemas(lambda shape: shape.__name__, lambda shape: {"more": str} if shape is Tree else {})
    schemas.of(Tree)
    assert schemas.components == {
        "Tree": {
            "type": "object",
            "description": "A tree of trees.",
            "properties": {
                "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
                "inside": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "more": {"type": "string"},
            },
            "required": ["leaves", "inside", "more"],
            "additionalProperties": False,
        },
        "Leaf": {
            "type": "object",
            "description": "A leaf.",
            "properties": {"size": {"type": "integer"}},
            "required": [],
            "additionalProperties": False,
        },
    }


@pytest.mark.parametrize("kind", [bytes, int | str, dict[str, int], tuple[int, ...]], ids=str)
def test_what_is_no_shape_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError):
        Schemas(lambda shape: shape.__name__, lambda shape: {}).of(kind)


schema = schemathesis.openapi.from_dict(document())

# A schema cannot say which places exist nor which days come before which, so valid-looking values may be refused.
CHECKED = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]


@schema.parametrize()
@settings(suppress_health_check=list(HealthCheck))
def test_fuzzing_finds_nothing(case: schemathesis.Case, app: Any) -> None:
    # The client of the fuzzer offers to take compressed answers and cannot read them.
    case.call_and_validate(checks=CHECKED, app=app, headers={"Accept-Encoding": "identity"})
