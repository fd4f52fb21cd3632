#!/usr/bin/env python3
"""Writes what the simulator checks custom jobs against: extract_schemas.py aiplatform.v1.json WHERE-IT-IS-FROM.

The discovery document of aiplatform v1 comes with google-api-python-client, as
googleapiclient/discovery_cache/documents/aiplatform.v1.json. Of the schemas that a custom job is made of, only the
names, types, formats and enumerations of their fields are kept.
"""
import json
import sys

PREFIX = "GoogleCloudAiplatformV1"
KEPT = ("type", "format", "enum", "readOnly", "$ref")


def field(described):
    kept = {key: described[key] for key in KEPT if key in described}
    for key in ("items", "additionalProperties"):
        if key in described:
            kept[key] = field(described[key])
    return kept


def references(kept):
    if "$ref" in kept:
        yield kept["$ref"]
    for key in ("items", "additionalProperties"):
        if key in kept:
            yield from references(kept[key])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    schemas, wanted = {}, [PREFIX + "CustomJob", PREFIX + "ListCustomJobsResponse"]
    while wanted:
        name = wanted.pop()
        if name in schemas:
            continue
        fields = {key: field(value) for key, value in document["schemas"][name].get("properties", {}).items()}
        schemas[name] = fields
        wanted += [reference for kept in fields.values() for reference in references(kept)]
    extract = {
        "source": sys.argv[2],
        "api": f"{document['name']} {document['version']}",
        "revision": document["revision"],
        "schemas": schemas,
    }
    json.dump(extract, sys.stdout, indent=1, sort_keys=True)
    print()


main()
