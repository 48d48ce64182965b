#!/usr/bin/env python3
"""Asks an SMT solver whether anonymous callers get in, and compares its answers and its time with the engine's.

Run by hand; it needs Python 3 and `pip install cvc5`:

    cargo bench --bench engine -- target/policies 200
    python3 benches/compare_smt.py target/policies

The first command writes ordinary policies, and what the engine decided about each with the time it took for the whole
bucket: every class of callers, with conditions and a request for each grant. The second asks cvc5 one question of each:
is there a request without credentials that some Allow statement matches and no Deny statement does? It covers the
operators and keys that those policies use, and refuses others.
"""

import ipaddress
import json
import pathlib
import statistics
import sys
import time

import cvc5
from cvc5 import Kind

BUCKET = "arn:aws:s3:::measured"

# Actions that S3 takes from other accounts, with whether they are about objects and the keys that ride on them.
ACTIONS = {
    "s3:getobject": (True, ()),
    "s3:getobjectacl": (True, ()),
    "s3:getobjectversion": (True, ()),
    "s3:deleteobject": (True, ()),
    "s3:putobject": (True, ("s3:x-amz-acl", "s3:x-amz-server-side-encryption")),
    "s3:listbucket": (False, ("s3:prefix",)),
    "s3:getbucketlocation": (False, ()),
    "s3:getbucketacl": (False, ()),
}

# What no anonymous request carries.
ABSENT = {"aws:principalorgid", "aws:principalisawsservice", "aws:sourcearn", "aws:sourceaccount"}


class Encoding:
    """One policy as a formula over one request."""

    def __init__(self):
        self.terms = cvc5.TermManager()
        self.solver = cvc5.Solver(self.terms)
        self.solver.setLogic("ALL")
        self.solver.setOption("strings-exp", "true")
        self.strings = self.terms.getStringSort()
        self.action = self.variable("action")
        self.resource = self.variable("resource")
        self.values = {}
        self.presence = {}
        self.through_endpoint = self.terms.mkConst(self.terms.getBooleanSort(), "through_endpoint")
        self.address = self.terms.mkConst(self.terms.getIntegerSort(), "address")
        self.require(self.between(self.address, 0, 2**32 - 1))
        self.require(self.any(self.shape(name, *rest) for name, rest in ACTIONS.items()))

    def variable(self, name):
        return self.terms.mkConst(self.strings, name)

    def require(self, term):
        self.solver.assertFormula(term)

    def text(self, text):
        return self.terms.mkString(text)

    def all(self, terms):
        return self.join(Kind.AND, list(terms), True)

    def any(self, terms):
        return self.join(Kind.OR, list(terms), False)

    def join(self, kind, terms, empty):
        if not terms:
            return self.terms.mkBoolean(empty)
        return terms[0] if len(terms) == 1 else self.terms.mkTerm(kind, *terms)

    def no(self, term):
        return self.terms.mkTerm(Kind.NOT, term)

    def equal(self, one, other):
        return self.terms.mkTerm(Kind.EQUAL, one, other)

    def between(self, term, low, high):
        low, high = self.terms.mkInteger(str(low)), self.terms.mkInteger(str(high))
        return self.all([self.terms.mkTerm(Kind.GEQ, term, low), self.terms.mkTerm(Kind.LEQ, term, high)])

    def shape(self, name, on_objects, _):
        """An action with a resource that goes with it."""
        resource = self.like(self.resource, BUCKET + "/?*") if on_objects else self.equal(self.resource, self.text(BUCKET))
        return self.all([self.equal(self.action, self.text(name)), resource])

    def like(self, variable, pattern):
        """A pattern with `*` and `?` as a regular expression."""
        parts, literal = [], ""
        for char in pattern:
            if char not in "*?":
                literal += char
                continue
            if literal:
                parts.append(self.terms.mkTerm(Kind.STRING_TO_REGEXP, self.text(literal)))
            one = self.terms.mkRegexpAllchar()
            parts.append(self.terms.mkTerm(Kind.REGEXP_STAR, one) if char == "*" else one)
            literal = ""
        if not parts:
            return self.equal(variable, self.text(pattern))
        if literal:
            parts.append(self.terms.mkTerm(Kind.STRING_TO_REGEXP, self.text(literal)))
        whole = parts[0] if len(parts) == 1 else self.terms.mkTerm(Kind.REGEXP_CONCAT, *parts)
        return self.terms.mkTerm(Kind.STRING_IN_REGEXP, variable, whole)

    def key(self, name):
        """The value of a key, and whether it is there."""
        if name in ABSENT:
            return self.text(""), self.terms.mkBoolean(False)
        if name not in self.values:
            value = self.variable(name)
            carriers = [action for action, (_, keys) in ACTIONS.items() if name in keys]
            if name == "aws:securetransport":
                present = self.terms.mkBoolean(True)
                self.require(self.any(self.equal(value, self.text(text)) for text in ("true", "false")))
            elif name == "aws:sourcevpce":
                present = self.through_endpoint
                # Ids have 8 or 17 characters.
                self.require(self.any(self.like(value, "vpce-" + "?" * length) for length in (8, 17)))
            elif carriers:
                sent = self.terms.mkConst(self.terms.getBooleanSort(), name + " is sent")
                on = self.any(self.equal(self.action, self.text(action)) for action in carriers)
                present = self.all([sent, on])
            else:
                raise ValueError(f"key {name}")
            self.values[name] = (value, present)
        return self.values[name]

    def condition(self, operator, name, values):
        name = name.lower()
        if_exists = operator.endswith("IfExists")
        operator = operator.removesuffix("IfExists")
        if operator == "IpAddress":
            ranges = [ipaddress.ip_network(value) for value in values]
            inside = self.any(
                self.between(self.address, int(net.network_address), int(net.broadcast_address)) for net in ranges
            )
            return self.all([self.no(self.through_endpoint), inside])
        value, present = self.key(name)
        if operator == "Bool":
            values = [text.lower() for text in values]
        if operator in ("StringEquals", "StringNotEquals", "Bool"):
            holds = self.any(self.equal(value, self.text(text)) for text in values)
        elif operator in ("StringLike", "ArnLike"):
            holds = self.any(self.like(value, text) for text in values)
        else:
            raise ValueError(f"operator {operator}")
        if operator == "StringNotEquals":
            return self.any([self.no(present), self.no(holds)])
        return self.any([self.no(present), holds]) if if_exists else self.all([present, holds])

    def applies(self, statement):
        if statement["Principal"] not in ("*", {"AWS": "*"}):
            return None
        actions = self.any(self.like(self.action, text.lower()) for text in listed(statement["Action"]))
        resources = self.any(self.like(self.resource, text) for text in listed(statement["Resource"]))
        conditions = [
            self.condition(operator, key, listed(values))
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        ]
        return self.all([actions, resources, *conditions])

    def reachable(self, policy):
        of = {"Allow": [], "Deny": []}
        for statement in policy["Statement"]:
            term = self.applies(statement)
            if term is not None:
                of[statement["Effect"]].append(term)
        self.require(self.any(of["Allow"]))
        self.require(self.no(self.any(of["Deny"])))
        result = self.solver.checkSat()
        return True if result.isSat() else False if result.isUnsat() else None


def listed(value):
    return value if isinstance(value, list) else [value]


def at(times, share):
    return sorted(times)[round((len(times) - 1) * share)]


def main():
    folder = pathlib.Path(sys.argv[1])
    decided = [json.loads(line) for line in (folder / "decided.jsonl").read_text().splitlines()]
    ours, theirs, differ = [], [], 0
    for entry in decided:
        policy = json.loads((folder / entry["file"]).read_text())
        start = time.perf_counter()
        answer = Encoding().reachable(policy)
        theirs.append((time.perf_counter() - start) * 1e6)
        ours.append(entry["micros"])
        if answer != entry["anonymous"]:
            differ += 1
            print(f"{entry['file']}: cvc5 says {answer}, the engine {entry['anonymous']}")
    reached = sum(entry["anonymous"] for entry in decided)
    print(f"{len(decided)} policies, {reached} reachable by anonymous callers, {differ} answers differ")
    for name, times in (("engine, whole bucket", ours), (f"cvc5 {cvc5.__version__}, one question", theirs)):
        print(f"{name:<28} median {at(times, 0.5):>10.1f} us   p95 {at(times, 0.95):>10.1f} us   max {max(times):>10.1f} us")
    each = statistics.median(their / our for our, their in zip(ours, theirs))
    print(f"ratio of the medians {at(theirs, 0.5) / at(ours, 0.5):.0f}, median of the ratios {each:.0f}")


if __name__ == "__main__":
    main()
