#!/usr/bin/env python3
"""Reckons a bettor's season again, from the recording alone, and compares it with what the program says.

    check_season.py football SEASON.csv ANSWERS.json
    check_season.py nfl ARCHIVE.json ANSWERS.json
    check_season.py nba FOLDER ANSWERS.json

The bettors' rules are described at the top of server/tests/it/season/football.rs and its neighbours; nothing else is shared with the
program. Amounts are whole cents, prices are fractions. Says what differs and fails, or says what agreed.
"""

import csv
import json
import math
import sys
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path

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


def bet(at_risk, payout, settled, commission=0, clv=None, points=None):
    """A bet, with its CLV where it must have one and the points its line gained where that can be told."""
    profit = payout - at_risk - commission
    return {
        "at_risk": at_risk, "payout": payout, "commission": commission, "profit": profit, "settled": settled, "clv": clv, "points": points,
    }


def read_football(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Date"]]
    for number, row in enumerate(rows):
        row["n"] = number
        row["at"] = datetime.strptime(f"{row['Date']} {row['Time']}", "%d/%m/%Y %H:%M")
        row["margin"] = int(row["FTHG"]) - int(row["FTAG"])
        row["goals"] = int(row["FTHG"]) + int(row["FTAG"])
    return rows


def football(path):
    """Every bet by its reference: what it put at risk, what came back, the commission, when it was settled, its CLV where it has one."""
    rows = read_football(path)
    bets = {}

    def add(name, row, at_risk, back, commission=0, settled=None, clv=None):
        bets[f"{row['n']}-{name}"] = bet(at_risk, back, settled or row["at"] + timedelta(hours=2), commission, clv)

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


def ended(margin):
    """One bet in halves of the stake: won, lost, or back."""
    return WON if margin > 0 else LOST if margin < 0 else 0


def nfl(path):
    with open(path, encoding="utf-8") as file:
        games = [row for row in json.load(file) if row["season"] == 2020 and isinstance(row["home_team"], str)]
    minus_110 = Fraction(1909091, 10**6)
    bets = {}
    for n, game in enumerate(games):
        game["at"] = datetime.strptime(str(int(game["date"])), "%Y%m%d") + timedelta(hours=18)
        game["margin"] = int(game["home_final"]) - int(game["away_final"])
        game["points"] = int(game["home_final"]) + int(game["away_final"])
        over_by = game["points"] - Fraction(game["open_over_under"])
        settled = game["at"] + timedelta(hours=4)

        def before(back):
            return games[n - back] if n >= back and games[n - back]["date"] == game["date"] else None

        def home_by(of, more=0):
            return of["margin"] + Fraction(of["home_open_spread"]) + more

        def factor(by):
            """What a leg of several multiplies the stake by."""
            return minus_110 if by > 0 else Fraction(0) if by < 0 else Fraction(1)

        if n % 2 == 0:
            stake = 1100 + 55 * (n % 3)
            moved = Fraction(game["home_open_spread"]) - Fraction(game["home_close_spread"])
            bets[f"{n}-home"] = bet(stake, paid(stake, minus_110, ended(home_by(game))), settled, points=moved)
        else:
            stake = 550 + 11 * (n % 4)
            moved = Fraction(game["close_over_under"]) - Fraction(game["open_over_under"])
            bets[f"{n}-over"] = bet(stake, paid(stake, minus_110, ended(over_by)), settled, points=moved)
        if n % 4 == 3 and before(1):
            back = math.floor(330 * factor(home_by(before(1))) * factor(over_by))
            bets[f"{n}-parlay"] = bet(330, back, settled)
        if n % 6 == 5 and before(2) and before(1):
            legs = [factor(home_by(of)) for of in (before(2), before(1), game)]
            back = sum(math.floor(110 * one * two) for one, two in combinations(legs, 2))
            bets[f"{n}-robin"] = bet(330, back, settled)
        if n % 8 == 7 and before(1):
            legs = [ended(home_by(of, 6)) for of in (before(1), game)]
            if LOST in legs:
                back = 0
            elif 0 in legs:
                back = 600
            else:
                back = math.floor(600 * Fraction(1833333, 10**6))
            bets[f"{n}-teaser"] = bet(600, back, settled)
        line, other = game["home_close_ml"], game["away_close_ml"]
        if n % 5 == 0 and line and other:
            odds = 1 + (Fraction(line, 100) if line > 0 else Fraction(100, -line))
            odds = Fraction(round(odds * 10**6), 10**6)
            # Both bookmakers say the same at the close.
            bets[f"{n}-winner"] = bet(400, paid(400, odds, ended(game["margin"])), settled, clv=Fraction(0))
    return bets


def nba(folder):
    bets, seen = {}, set()
    for path in sorted(Path(folder).glob("*.csv")):
        at = datetime.strptime(path.stem, "odds_snapshot_%Y%m%d_%H%M%S")
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for first in rows:
            if first["event_id"] in seen:
                continue
            n = len(seen)
            seen.add(first["event_id"])
            starts = datetime.strptime(first["commence_time"], "%Y-%m-%dT%H:%M:%SZ")
            if starts <= at:
                continue
            home, away = 95 + (7 * n) % 31, 95 + (11 * n) % 29
            home += home == away
            market, outcome, name = [
                ("h2h", first["home_team"], "winner"),
                ("spreads", first["home_team"], "home"),
                ("totals", "Over", "over"),
            ][n % 3]
            found = [
                row
                for row in rows
                if (row["event_id"], row["bookmaker"], row["market"], row["outcome_name"])
                == (first["event_id"], "sportsbet", market, outcome)
            ]
            if not found:
                continue
            odds, point = Fraction(found[0]["price"]), Fraction(found[0]["point"] or 0)
            stake = [800 + 25 * (n % 4), 600 + 35 * (n % 5), 400 + 45 * (n % 6)][n % 3]
            by = [home - away, home - away + point, home + away - point][n % 3]
            bets[f"{n}-{name}"] = bet(stake, paid(stake, odds, ended(by)), starts + timedelta(hours=3))
    return bets


SEASONS = {"football": football, "nfl": nfl, "nba": nba}


def main(season, path, answers):
    expected = SEASONS[season](path)
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
        if bet["points"]:
            # A line that moved is told in points, and has no CLV.
            same(f"{reference} points", Fraction(other["legs"][0]["close"]["points"] or 0), bet["points"])
            same(f"{reference} CLV", other["clv"], None)
        elif bet["points"] is not None:
            bet["clv"] = Fraction(0)
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
    sys.exit(main(*sys.argv[1:4]))
