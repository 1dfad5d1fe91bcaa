"""Whether answers are what the API's own description says they are."""

import re
from typing import Any

from jsonschema import Draft202012Validator

from tests.harness.client import Answer


class Contract:
    """An OpenAPI description, as a judge of answers."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in description["paths"]
        ]

    def breaches(self, answer: Answer) -> list[str]:
        """What an answer does that the description does not say."""
        where = f"{answer.method} {answer.path} {answer.status}"
        path = answer.path.partition("?")[0]
        known = [name for shape, name in self._paths if shape.match(path)]
        # a literal step beats a placeholder
        known.sort(key=lambda name: name.count("{"))
        if not known:
            return [f"{where}: no such path"]
        operation = self.description["paths"][known[0]].get(answer.method.lower())
        if operation is None:
            return [] if answer.status == 405 else [f"{where}: no such method"]
        response = operation["responses"].get(str(answer.status))
        if response is None:
            return [f"{where}: status not described"]
        content = self._resolved(response).get("content")
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if content is None:
            return []
        if kind not in content:
            return [f"{where}: {kind} instead of {list(content)}"]
        if not kind.endswith("json"):
            return []
        schema = {**content[kind]["schema"], "components": self.description["components"]}
        return [
            f"{where}: {error.json_path} {error.message[:200]}"
            for error in Draft202012Validator(schema).iter_errors(answer.json)
        ]

    def _resolved(self, response: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in response:
            return response
        name = response["$ref"].rsplit("/", 1)[-1]
        found = self.description["components"]["responses"][name]
        assert isinstance(found, dict)
        return found
