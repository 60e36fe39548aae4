#!/usr/bin/env python3
"""Settles the bets of domain/fixtures/settlement_cases.json by their definitions, in exact fractions, and says where the table
disagrees. Shares no code and no structure with the program: everything is a sum of plain bets on plain lines."""

import json
import sys
from fractions import Fraction as F
from itertools import combinations
from math import floor
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "domain" / "fixtures" / "settlement_cases.json"

# Bookmakers at which a retirement after a set leaves bets standing, hours a postponed game may be late (None: for ever), play that
# suffices in some competitions and elsewhere, and the places of currencies that have not two.
ONE_SET = {"betfair_ex_uk", "betfair_sb_uk", "smarkets", "matchbook", "coral", "ladbrokes_uk", "pinnacle"}
LATE = {
    ("football", "paf"): 12, ("baseball", None): 36, ("tennis", "betphoenix"): 48, ("tennis", "paf"): None, ("tennis", "sportsbet"): None,
}
MINUTES = {"american_football": 55, "basketball": 35, "ice_hockey": 60, "football": 10**6}
MINUTES_IN = {("basketball", "NBA"): 43, ("ice_hockey", "NHL"): 55}
PLACES = {"JPY": 0, "KWD": 3}
CLOCK = {"basketball": 40, "american_football": 60, "football": 90, "ice_hockey": 60}


def money(amount, rounding):
    """A payout as a bookmaker pays it."""
    return floor(amount + F(1, 2)) if rounding == "nearest" else floor(amount)


def plain(leg, home, away, line):
    """What one unit on a leg at a line that is no quarter brings: the price, one, or nothing."""
    price = F(leg.get("settled_price", leg["price"]))
    market, outcome = leg.get("market", "moneyline"), leg.get("outcome", "home")
    if market in ("spread", "moneyline", "draw_no_bet"):
        margin = home - away + (line or 0)
        margin = -margin if outcome == "away" else margin
    elif market == "total":
        margin = home + away - line
        margin = -margin if outcome == "under" else margin
    else:
        happened = {
            "home": home > away, "draw": home == away, "away": home < away,
            "home_or_draw": home >= away, "draw_or_away": home <= away, "home_or_away": home != away,
            "yes": home > 0 and away > 0, "no": home == 0 or away == 0,
        }[outcome]
        margin = 1 if happened else -1
    return price if margin > 0 else F(1) if margin == 0 else F(0)


def by_score(leg, score):
    """A quarter line is half a bet on each of its neighbours."""
    home, away = score
    if "line" not in leg:
        return plain(leg, home, away, None)
    line = F(leg["line"])
    lines = [line] if (line * 2).denominator == 1 else [line - F(1, 4), line + F(1, 4)]
    return sum(plain(leg, home, away, one) for one in lines) / len(lines)


def is_void(leg):
    sport, book = leg.get("sport", "football"), leg.get("bookmaker")
    if "retired" in leg:
        return not (book in ONE_SET and leg["retired"][0] >= 1)
    if "moved_h" in leg:
        hours = LATE.get((sport, book), LATE.get((sport, None), 48))
        return hours is not None and leg["moved_h"] > hours
    if "abandoned" in leg:
        played = leg["abandoned"]
        if "minutes" in played:
            return played["minutes"] < MINUTES_IN.get((sport, leg.get("competition")), MINUTES[sport])
        innings = 5 if leg["market"] in ("moneyline", "three_way") else 9
        home, away = leg["score"]
        return played["half_innings"] < 2 * innings - (1 if home > away else 0)
    return False


def is_asked(leg):
    """True when the final score of a whole game does not tell how a leg ended."""
    sport, where, (home, away) = leg["sport"], leg.get("competition", ""), leg["score"]
    if leg.get("period", "full_time") != "full_time":
        return True
    if sport == "tennis":
        if leg.get("moved_h", 0) > 48 and (sport, leg.get("bookmaker")) not in LATE:
            return True
        needed = {2, 3} if not where else {3} if where.startswith("ATP Wimbledon") else {2}
        return max(needed) != max(home, away) or home == away
    level = home == away and sport in ("basketball", "baseball", "ice_hockey")
    return level or leg.get("lasted_min", 180) < CLOCK.get(sport, 0)


def written(minor, currency):
    """An amount in whole units of its currency."""
    places = PLACES[currency]
    return f"{minor // 10**places}.{minor % 10**places:0{places}}" if places else str(minor)


def factor(leg, score=None):
    """What one unit on a leg brings, or None as long as it is open."""
    price = F(leg.get("settled_price", leg["price"]))
    if is_void(leg):
        return F(1)
    if "retired" in leg:
        return price if leg["retired"][1] == leg["outcome"] else F(0)
    if "dead_heat" in leg:
        places, tied = leg["dead_heat"]
        return price * F(places, tied)
    if score or "score" in leg:
        return by_score(leg, score or leg["score"])
    result = leg.get("result")
    if leg.get("side") == "lay":
        # Results are the layer's; what a unit brings is the backer's.
        result = {"win": "loss", "half_win": "half_loss", "half_loss": "half_win", "loss": "win"}.get(result, result)
    return {
        None: None, "win": price, "half_win": (price + 1) / 2, "push": F(1), "void": F(1), "half_loss": F(1, 2), "loss": F(0),
    }[result]


def product(factors):
    total = F(1)
    if 0 in factors:
        return F(0)
    for one in factors:
        total *= one
    return total


def share(position, tied, places):
    """The part of a stake that is placed when so many tie from a position on."""
    return F(max(0, min(tied, places - position + 1)), tied)


def payout(case, scores=None):
    kind, rounding, stake = case.get("kind", "single"), case.get("rounding", "cut"), F(case["stake"])
    sold = case.get("cash_outs", [])
    stake -= sum(part for part, _ in sold)
    back = sum(amount for _, amount in sold)
    if stake == 0:
        return back
    legs = case["legs"]

    def line(amount):
        paid = money(amount, rounding)
        return max(0, paid - int(stake)) if case.get("free") else paid

    if kind == "each_way":
        leg, (places, up, down) = legs[0], case["terms"]
        price, (position, tied) = F(leg.get("settled_price", leg["price"])), leg["finished"]
        return back + line(stake * price * share(position, tied, 1)) + line(stake * (1 + (price - 1) * F(up, down)) * share(position, tied, places))
    if kind == "teaser":
        ends = [leg["result"] for leg in legs]
        if "loss" in ends or (case["push"] == "lose" and "push" in ends):
            return back
        won = ends.count("win")
        prices = case["prices"]
        if (case["push"] == "void" and "push" in ends) or won == 0 or prices[won - 1] is None:
            return back + line(stake)
        return back + line(stake * F(prices[won - 1]))
    factors = [factor(leg, score) for leg, score in zip(legs, scores or [None] * len(legs))]
    if kind == "single" and legs[0].get("side") == "lay":
        # The liability is put up; the backer's loss is added, the backer's win taken away.
        liability = stake * (F(legs[0]["price"]) - 1)
        return back + money(liability + stake - stake * factors[0], rounding)
    if kind == "round_robin":
        lines = [choice for size in case["sizes"] for choice in combinations(factors, size)]
        return back + sum(line(stake * product(choice)) for choice in lines)
    return back + line(stake * product(factors))


def owed(market):
    part, bets = F(market["bp"], 10_000), market["bets"]

    def charge(amount):
        return 0 if amount <= 0 else amount - money(amount * (1 - part), market["rounding"])

    if market["charge"] == "net_winnings":
        return charge(sum(profit for profit, _ in bets))
    return sum(charge(profit if market["charge"] == "each_bet" else stake) for profit, stake in bets)


def main():
    table, wrong = json.loads(TABLE.read_text()), 0
    for case in table["bets"]:
        found = [(payout(case), case["payout"])]
        if "currency" in case:
            found += [(written(case[what], case["currency"]), case[f"{what}_written"]) for what in ("stake", "payout")]
        if "before" in case:
            found.append((payout(case, case["before"]["scores"]), case["before"]["payout"]))
        for mine, theirs in found:
            if mine != theirs:
                wrong += 1
                print(f"{case['name']}: {mine} here, {theirs} in the table ({case['source']})")
    for asked in table["asked"]:
        if not is_asked(asked["leg"]):
            wrong += 1
            print(f"{asked['name']}: settled here, asked about in the table ({asked['source']})")
    for market in table["markets"]:
        if owed(market) != market["owed"]:
            wrong += 1
            print(f"{market['name']}: {owed(market)} here, {market['owed']} in the table ({market['source']})")
    print(f"{sum(len(part) for part in table.values())} cases, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
