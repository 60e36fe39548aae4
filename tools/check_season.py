#!/usr/bin/env python3
"""Reckons a bettor's season again, from the recorded file alone, and compares it with what the program says.

    check_season.py SEASON.csv ANSWERS.json

The bettor's rule is described in server/tests/it/season.rs; nothing else is shared with the program. Amounts are whole cents, prices are
fractions. Says what differs and fails, or says what agreed.
"""

import csv
import json
import math
import sys
from datetime import datetime, timedelta
from fractions import Fraction

WON, LOST = 2, -2


def cents(text):
    value = Fraction(text) * 100
    assert value.denominator == 1, text
    return int(value)


def price(row, name):
    text = (row.get(name) or "").strip()
    return Fraction(text) if text and Fraction(text) > 1 else None


def halves(margin, line):
    """How a bet with a handicap ends, in halves of the stake: a quarter line is two bets."""
    quarters = line * 4
    parts = [line - Fraction(1, 4), line + Fraction(1, 4)] if quarters % 2 else [line, line]
    return sum((margin + part > 0) - (margin + part < 0) for part in parts)


def paid(stake, odds, ended):
    """What comes back, cut to whole cents, of a bet that ended so many halves up or down."""
    if ended >= 0:
        return math.floor(stake * Fraction(2 - ended, 2) + stake * odds * Fraction(ended, 2))
    return math.floor(stake * Fraction(2 + ended, 2))


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Date"]]
    for number, row in enumerate(rows):
        row["n"] = number
        row["at"] = datetime.strptime(f"{row['Date']} {row['Time']}", "%d/%m/%Y %H:%M")
        row["margin"] = int(row["FTHG"]) - int(row["FTAG"])
        row["goals"] = int(row["FTHG"]) + int(row["FTAG"])
    return rows


def season(rows):
    """Every bet by its reference: what it put at risk, what came back, the commission, when it was settled, its CLV where it has one."""
    bets = {}

    def add(name, row, at_risk, back, commission=0, settled=None, clv=None):
        bets[f"{row['n']}-{name}"] = {
            "at_risk": at_risk,
            "payout": back,
            "commission": commission,
            "profit": back - at_risk - commission,
            "settled": settled or row["at"] + timedelta(hours=2),
            "clv": clv,
        }

    for row in rows:
        n = row["n"]
        home = WON if row["margin"] > 0 else LOST
        taken = price(row, "B365H")
        sharp = [price(row, f"PSC{side}") for side in "HDA"]
        if n % 3 == 0 and taken:
            stake = 1000 + 37 * (n % 7)
            clv = taken / sharp[0] - 1 if all(sharp) else None
            add("home", row, stake, paid(stake, taken, home), clv=clv)
        if n % 3 == 1 and price(row, "B365AHH"):
            stake = 750 + 11 * (n % 5)
            ended = halves(row["margin"], Fraction(row["AHh"]))
            add("handicap", row, stake, paid(stake, price(row, "B365AHH"), ended))
        if n % 3 == 2 and price(row, "B365>2.5"):
            stake = 500 + 13 * (n % 4)
            sharp_over = [price(row, "PC>2.5"), price(row, "PC<2.5")]
            clv = price(row, "B365>2.5") / sharp_over[0] - 1 if all(sharp_over) else None
            add("over", row, stake, paid(stake, price(row, "B365>2.5"), WON if row["goals"] > 2 else LOST), clv=clv)
        lay = price(row, "BFEH")
        if n % 12 == 5 and lay and lay <= 6:
            liability = math.ceil(400 * (lay - 1))
            if home == LOST:
                add("lay", row, liability, liability + 400, math.ceil(Fraction(400 * 5, 100)))
            else:
                add("lay", row, liability, 0)
        if n % 10 == 9:
            before = rows[n - 1]
            if before["at"].date() == row["at"].date() and price(before, "B365H") and taken:
                both = before["margin"] > 0 and row["margin"] > 0
                back = math.floor(200 * price(before, "B365H") * taken) if both else 0
                # One that lost settles the parlay.
                first, second = sorted([before, row], key=lambda of: of["at"])
                decided = first if first["margin"] <= 0 else second
                add("parlay", row, 200, back, settled=decided["at"] + timedelta(hours=2))
    return bets


def main(path, answers):
    expected = season(read(path))
    with open(answers) as file:
        found = json.load(file)
    wrong = []

    def same(what, ours, theirs):
        if ours != theirs:
            wrong.append(f"{what}: {theirs} here, {ours} there")

    told = {bet["reference"]: bet for bet in found["bets"]}
    same("bets", sorted(told), sorted(expected))
    compared = 0
    for reference, bet in expected.items():
        other = told.get(reference)
        if other is None:
            continue
        settlement = other["settlement"]
        if settlement is None:
            wrong.append(f"{reference} is not settled: {other['needs_person']}")
            continue
        same(f"{reference} at risk", cents(other["at_risk"]), bet["at_risk"])
        same(f"{reference} payout", cents(settlement["payout"]), bet["payout"])
        same(f"{reference} commission", cents(settlement["commission"]), bet["commission"])
        same(f"{reference} profit", cents(settlement["profit"]), bet["profit"])
        if bet["clv"] is not None:
            compared += 1
            if other["clv"] is None or abs(other["clv"] - float(bet["clv"])) > 1e-6:
                wrong.append(f"{reference} CLV: {float(bet['clv'])} here, {other['clv']} there")

    bets = list(expected.values())
    profit = sum(bet["profit"] for bet in bets)
    at_risk = sum(bet["at_risk"] for bet in bets)
    performance = found["performance"]
    same("profit", cents(performance["profit"]), profit)
    same("at risk", cents(performance["at_risk"]), at_risk)
    same("settled", performance["settled"], len(bets))
    same("balance", cents(found["bankroll"]["paper"]["balance"]), 1_000_000 + profit)

    # The yield and its interval, as the ratio of two sums over bets.
    n, value = len(bets), profit / at_risk
    spread = sum((bet["profit"] - value * bet["at_risk"]) ** 2 for bet in bets)
    error = 1.959963984540054 * math.sqrt(n / (n - 1) * spread) / at_risk
    figure = next(row for row in performance["trace"] if row["figure"] == "yield")
    for name, ours in [("value", value), ("low", value - error), ("high", value + error)]:
        if abs(figure[name] - ours) > 1e-9:
            wrong.append(f"yield {name}: {ours} here, {figure[name]} there")

    # The deepest fall below the highest, counting from nothing, by time of settlement and then by number.
    numbers = {reference: told[reference]["id"] for reference in expected if reference in told}
    order = sorted(expected, key=lambda reference: (expected[reference]["settled"], numbers.get(reference, 0)))
    total = peak = deepest = 0
    for reference in order:
        total += expected[reference]["profit"]
        peak = max(peak, total)
        deepest = max(deepest, peak - total)
    same("deepest drawdown", cents(performance["drawdown"]["deepest"]), deepest)

    if wrong:
        print("\n".join(wrong[:40]))
        print(f"{len(wrong)} differences")
        return 1
    print(f"{n} bets agree to the cent, {compared} of them in CLV: {profit / 100:.2f} won on {at_risk / 100:.2f}, yield {value:+.4%}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
