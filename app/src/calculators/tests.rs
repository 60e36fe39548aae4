use super::*;
use rstest::rstest;

/// What a calculator answers when these fields are typed into and the others are left alone.
fn reckon_in(format: OddsFormat, key: &str, typed: &[(&str, &str)]) -> Result<Answer, FieldError> {
    let calculator = Calculator::find(key).unwrap();
    for (name, _) in typed {
        assert!(
            calculator.fields().any(|field| field.name == *name),
            "{key} asks {name}"
        );
    }
    let text = |field: &Field| {
        let typed = typed.iter().find(|(name, _)| *name == field.name);
        typed.map_or_else(|| field.first_text(format), |(_, text)| (*text).to_owned())
    };
    Entry::new(calculator, format, calculator.fields().map(text)).reckon()
}

fn reckon(key: &str, typed: &[(&str, &str)]) -> Answer {
    reckon_in(OddsFormat::Decimal, key, typed).unwrap()
}

fn fact(answer: &Answer, name: &str) -> String {
    let fact = answer.facts.iter().find(|fact| fact.name == name);
    fact.unwrap_or_else(|| panic!("{name} is among {:?}", answer.facts))
        .cell
        .text
        .clone()
}

/// The cells of a row, by its name, of the first table that has it.
fn row<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let rows = answer
        .tables
        .iter()
        .flat_map(|table| table.rows.iter().chain(&table.totals));
    let found = rows.into_iter().find(|row| row.name == name);
    let found = found.unwrap_or_else(|| panic!("{name} is a row of {:?}", answer.tables));
    found.cells.iter().map(|cell| cell.text.as_str()).collect()
}

#[test]
fn every_calculator_answers_what_it_shows_at_first_in_every_format() {
    for calculator in CALCULATORS {
        for format in OddsFormat::ALL {
            let answer = reckon_in(format, calculator.key, &[]);
            let answer = answer.unwrap_or_else(|error| panic!("{} in {format:?}: {error:?}", calculator.key));
            assert!(
                !answer.facts.is_empty() && !answer.tables.is_empty(),
                "{}",
                calculator.key
            );
            for table in &answer.tables {
                for row in table.rows.iter().chain(&table.totals) {
                    assert_eq!(
                        row.cells.len() + 1,
                        table.head.len(),
                        "{}: {}",
                        calculator.key,
                        row.name
                    );
                }
            }
        }
    }
}

#[test]
fn whatever_is_typed_there_is_an_answer_or_a_field_to_correct() {
    let long = "9".repeat(400);
    let list = "1.01 ".repeat(80);
    let odd = [
        "",
        " ",
        "abc",
        "1e999",
        "-",
        "+",
        "NaN",
        "inf",
        "-inf",
        "0",
        "-1",
        "-0",
        "1",
        "0.5",
        "1.5",
        "101",
        "1000000",
        "1000000.1",
        "99999999999999999999",
        "10000000000",
        "9223372036854775807",
        "0.000001",
        "1.000001",
        "1,5",
        "1,500",
        "1.2.3",
        ",",
        "/",
        "1/0",
        "10/11",
        "%",
        "100%",
        "-110",
        "+150",
        "\u{2212}110",
        "evens",
        "2147483647",
        "-21474836.48",
        "\u{663}",
        "\u{1f600}\u{1f600}",
        "e\u{301}",
        "\u{202e}5",
        "\0",
        "<b>",
        "win",
        "lay",
        "american",
        "1 2 3 4 5 6 7 8 9",
        "2 2",
        "2 2 2",
        "0 0",
        "50% 60%",
        &long,
        &list,
    ];
    for calculator in CALCULATORS {
        let check = |format: OddsFormat, typed: &[(&str, &str)]| {
            if let Err(error) = reckon_in(format, calculator.key, typed) {
                let is_known = calculator.fields().any(|field| field.name == error.field);
                assert!(is_known, "{} knows no field {}", calculator.key, error.field);
                assert!(
                    error.message.len() > 1,
                    "{}: {typed:?} is refused without a word",
                    calculator.key
                );
            }
        };
        for text in odd {
            for field in calculator.fields() {
                for format in OddsFormat::ALL {
                    check(format, &[(field.name, text)]);
                }
            }
            let everywhere: Vec<(&str, &str)> = calculator.fields().map(|field| (field.name, text)).collect();
            check(OddsFormat::Decimal, &everywhere);
        }
    }
}

#[test]
fn every_choice_is_understood_beside_every_other() {
    for calculator in CALCULATORS {
        for field in calculator.fields() {
            if let Kind::Choice(offers) = field.kind {
                for (code, _) in offers {
                    let answer = reckon_in(OddsFormat::Decimal, calculator.key, &[(field.name, code)]);
                    assert!(answer.is_ok(), "{} {}={code}: {answer:?}", calculator.key, field.name);
                }
            }
        }
    }
}

#[test]
fn what_is_too_long_is_cut() {
    let stake = &Field::new("stake", "Stake", Kind::Number, "");
    assert_eq!(stake.cut(&"\u{e9}".repeat(40)).chars().count(), 32);
    let prices = &Field::new("prices", "Prices", Kind::Prices, "");
    assert_eq!(prices.cut(&"2 ".repeat(200)).len(), 200);
}

#[test]
fn prices_follow_the_format_and_other_texts_do_not() {
    let prices = &Field::new("prices", "Prices", Kind::Prices, "2.50 1.50");
    assert_eq!(prices.first_text(OddsFormat::American), "+150 -200");
    assert_eq!(
        prices.sent_text("3/1 evens", OddsFormat::Fractional, OddsFormat::Decimal),
        "4.00 2.00"
    );
    assert_eq!(
        prices.sent_text("2.5 x", OddsFormat::Decimal, OddsFormat::American),
        "2.5 x"
    );
    let step = &Field::new("step", "Step", Kind::Number, "2.50");
    assert_eq!(
        step.sent_text("2.50", OddsFormat::Decimal, OddsFormat::American),
        "2.50"
    );
}

#[test]
fn a_price_is_written_in_every_format() {
    let answer = reckon("converter", &[("odds", "-110"), ("written", "american")]);
    assert_eq!(fact(&answer, "Implied probability"), "52.3809%");
    assert_eq!(fact(&answer, "Decimal, exact"), "1.909091");
    assert_eq!(fact(&answer, "Profit on 100"), "90.90");
    assert_eq!(row(&answer, "Fractional"), ["10/11"]);
    assert_eq!(row(&answer, "American"), ["\u{2212}110"]);
}

#[test]
fn nine_methods_stand_side_by_side() {
    let answer = reckon("devig", &[("prices", "4.20 3.70 1.95")]);
    assert_eq!(row(&answer, "Shin"), ["23.1572%", "26.3574%", "50.4854%"]);
    assert_eq!(answer.tables[0].rows.len(), 9);
    assert_eq!(fact(&answer, "Methods with an answer"), "9 of 9");
    assert_eq!(fact(&answer, "Overround"), "2.1186%");
}

#[test]
fn a_method_without_an_answer_says_why() {
    let answer = reckon("devig", &[("prices", "2.10 2.10")]);
    let shin = answer.tables[0].rows.iter().find(|row| row.name == "Shin").unwrap();
    assert_eq!(shin.cells[0].text, "–");
    assert!(shin.under.contains("no margin"), "{}", shin.under);
    assert_eq!(fact(&answer, "Methods with an answer"), "6 of 9");
}

#[test]
fn the_worst_case_of_rounded_stakes_is_told_as_it_is() {
    let answer = reckon(
        "arbitrage",
        &[("prices", "3.60/3.70/2.30"), ("total", "100"), ("step", "5")],
    );
    assert_eq!(fact(&answer, "Certain profit"), "0.00");
    assert_eq!(fact(&answer, "Staked"), "90.00");
    assert_eq!(row(&answer, "Outcome 3"), ["2.30", "40.00", "92.00", "+2.00"]);
    let by_hand = "Rounding each stake by itself would come to \u{2212}7.50 at worst.";
    assert!(answer.notes.iter().any(|note| note == by_hand), "{:?}", answer.notes);
    let loss = reckon("arbitrage", &[("prices", "1.90 1.90")]);
    assert_eq!(fact(&loss, "Certain profit"), "\u{2212}5.00");
    assert!(loss.notes[0].contains("no arbitrage"));
}

#[test]
fn commission_lowers_what_an_arbitrage_pays() {
    let answer = reckon("arbitrage", &[("prices", "2.10 2.05"), ("commissions", "0 5")]);
    let free = reckon("arbitrage", &[("prices", "2.10 2.05")]);
    assert_eq!(
        (fact(&free, "Certain profit"), fact(&answer, "Certain profit")),
        ("+3.50".into(), "+1.89".into())
    );
}

#[test]
fn kelly_knows_pushes_and_bets_that_are_open_together() {
    let push = reckon("kelly", &[("prices", "1.95"), ("wins", "0.50"), ("pushes", "0.06")]);
    assert_eq!(fact(&push, "Share of the bankroll"), "3.92%");
    assert_eq!(fact(&push, "Staked"), "39.00");
    let two = reckon("kelly", &[("prices", "2.0 2.0"), ("wins", "55%")]);
    assert_eq!(row(&two, "Bet 1")[3], "9.9010%");
    assert_eq!(row(&two, "Bet 2")[3], "9.9010%");
    let half = reckon("kelly", &[("prices", "2.0"), ("wins", "55%"), ("fraction", "50")]);
    assert_eq!(fact(&half, "Staked"), "50.00");
    let market = [
        ("prices", "2.2 3.6 3.0"),
        ("wins", "50 30 20"),
        ("together", "exclusive"),
    ];
    assert_eq!(row(&reckon("kelly", &market), "Bet 1")[3], "16.0377%");
    let none = reckon("kelly", &[("prices", "1.5"), ("wins", "50%")]);
    assert_eq!(fact(&none, "Staked"), "0.00");
}

#[test]
fn a_parlay_multiplies_its_legs() {
    let legs = [("price_3", "1.80"), ("result_3", "half_loss")];
    let answer = reckon("parlay", &legs);
    assert_eq!(fact(&answer, "Times the stake"), "2.0475");
    assert_eq!(fact(&answer, "Comes back"), "204.75");
    let void = [("result_1", "void"), ("result_2", "void"), ("result_3", "push")];
    let answer = reckon("parlay", &void);
    assert_eq!(
        (fact(&answer, "Comes back"), fact(&answer, "Profit")),
        ("100.00".into(), "0.00".into())
    );
    assert_eq!(fact(&answer, "Times the stake"), "1.00");
    let lost = reckon("parlay", &[("result_2", "loss")]);
    assert_eq!(
        (fact(&lost, "Comes back"), fact(&lost, "Profit")),
        ("0.00".into(), "\u{2212}100.00".into())
    );
}

#[test]
fn a_middle_costs_little_and_brings_much_between_its_lines() {
    let spread = [
        ("market", "spread"),
        ("line_1", "-2.5"),
        ("line_2", "+3.5"),
        ("price_1", "1.95"),
        ("price_2", "1.95"),
    ];
    let answer = reckon("middle", &spread);
    assert_eq!(
        (fact(&answer, "If both win"), fact(&answer, "At worst")),
        ("+95.00".into(), "\u{2212}2.50".into())
    );
    assert_eq!(fact(&answer, "Breaks even at"), "2.5641%");
    assert_eq!(row(&answer, "Margin 3"), ["win", "win", "+95.00"]);
    let total = reckon("middle", &[]);
    assert_eq!(row(&total, "Total 221 to 224")[2], "+95.00");
    let apart = reckon("middle", &[("line_1", "224.5"), ("line_2", "220.5")]);
    assert!(apart.notes[0].contains("no result in which both"));
}

#[test]
fn a_free_bet_is_hedged_by_a_back_or_a_lay() {
    let back = reckon("free-bet", &[]);
    assert_eq!(
        (fact(&back, "Stake of the hedge"), fact(&back, "Certain profit")),
        ("320.00".into(), "+80.00".into())
    );
    assert_eq!(fact(&back, "Of the free bet"), "+80.00%");
    let lay = reckon("free-bet", &[("side", "lay"), ("hedge", "5.20"), ("commission", "2")]);
    assert_eq!(
        (fact(&lay, "Stake of the hedge"), fact(&lay, "Certain profit")),
        ("77.22".into(), "+75.68".into())
    );
    assert_eq!(fact(&lay, "At risk"), "324.32");
}

#[test]
fn a_hedge_follows_the_bet_that_is_made() {
    let answer = reckon("hedge", &[("stake", "100"), ("price", "2.10"), ("prices", "2.00")]);
    assert_eq!(
        (fact(&answer, "Stake of the hedge"), fact(&answer, "At worst")),
        ("105.00".into(), "+5.00".into())
    );
    let three = reckon("hedge", &[("price", "5.00"), ("prices", "4.00 2.50")]);
    assert_eq!(row(&three, "Hedge 1")[1], "125.00");
    assert_eq!(row(&three, "Hedge 2")[1], "200.00");
    assert_eq!(fact(&three, "At worst"), "+75.00");
    let lay = reckon("hedge", &[("price", "5.00"), ("side", "lay"), ("prices", "4.00")]);
    assert_eq!(
        (fact(&lay, "Stake of the hedge"), fact(&lay, "At worst")),
        ("125.00".into(), "+25.00".into())
    );
}

#[test]
fn an_each_way_bet_is_two_bets_and_a_dead_heat_halves_a_stake() {
    let second = reckon("each-way", &[]);
    assert_eq!(
        (fact(&second, "Comes back"), fact(&second, "Profit")),
        ("30.00".into(), "+10.00".into())
    );
    assert_eq!(row(&second, "To be placed"), ["3.00", "10.00", "30.00", "+20.00"]);
    let tied = reckon("each-way", &[("position", "1"), ("tied", "2")]);
    assert_eq!(row(&tied, "To win"), ["11.00", "10.00", "55.00", "+45.00"]);
    let quarter = reckon("each-way", &[("part", "4"), ("position", "1")]);
    assert_eq!(row(&quarter, "To be placed")[0], "3.50");
}

#[rstest]
#[case("converter", &[("odds", "abc")], "odds")]
#[case("devig", &[("prices", "2.0")], "prices")]
#[case("devig", &[("winners", "3")], "winners")]
#[case("arbitrage", &[("total", "a lot")], "total")]
#[case("arbitrage", &[("total", "1,000")], "total")]
#[case("arbitrage", &[("step", "80")], "total")]
#[case("arbitrage", &[("commissions", "1 2 3")], "commissions")]
#[case("kelly", &[("prices", "2 2"), ("wins", "60 60"), ("together", "exclusive")], "wins")]
#[case("kelly", &[("pushes", "50%")], "pushes")]
#[case("kelly", &[("fraction", "0")], "fraction")]
#[case("kelly", &[("step", "-1")], "step")]
#[case("parlay", &[("price_2", "0.9")], "price_2")]
#[case("parlay", &[("price_1", ""), ("price_2", ""), ("price_3", "")], "price_1")]
#[case("middle", &[("line_1", "-3")], "line_1")]
#[case("free-bet", &[("commission", "101")], "commission")]
#[case("hedge", &[("side", "lay"), ("prices", "2 3")], "prices")]
#[case("each-way", &[("position", "0")], "position")]
#[case("each-way", &[("part", "7")], "part")]
fn what_is_wrong_is_told_beside_its_field(#[case] key: &str, #[case] typed: &[(&str, &str)], #[case] field: &str) {
    assert_eq!(reckon_in(OddsFormat::Decimal, key, typed).unwrap_err().field, field);
}
