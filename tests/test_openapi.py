"""The OpenAPI document is held to the code: same parameters, answers of that very shape, fuzzing finds nothing."""

from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS

from search import PARAMETERS
from tests.web import make_app
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
        ("Article", "/api/v1/articles/card.md"),
        ("Article", "/api/v1/articles/pay/1"),
        ("Suggestions", "/api/v1/suggest?q=bei"),
        ("Suggestions", "/api/v1/suggest"),
        ("Problem", "/api/v1/suggest?q=a&q=b"),
        ("Problem", "/api/v1/suggest?size=3"),
        ("Health", "/healthz"),
        ("Problem", "/api/v1/search?size=0"),
        ("Problem", "/api/v1/articles/none"),
    ],
)
def test_answers_have_exactly_the_described_shape(client: FlaskClient, schema: str, address: str) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(client.get(address).get_json(force=True))] == []


schema = schemathesis.openapi.from_dict(document())

# A schema cannot say which places exist nor which days come before which, so valid-looking values may be refused.
CHECKED = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_fuzzing_finds_nothing(case: schemathesis.Case, app: Any) -> None:
    # The client of the fuzzer offers to take compressed answers and cannot read them.
    case.call_and_validate(checks=CHECKED, app=app, headers={"Accept-Encoding": "identity"})
