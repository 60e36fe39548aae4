//! Linear programming for a handful of variables.

/// At most so many exchanges of variables; programs of this size need a few dozen.
const MAX_PIVOTS: usize = 10_000;
/// What is smaller counts as zero. Coefficients are prices, about one.
const ZERO: f64 = 1e-10;

/// Maximises `objective · x` over `x >= 0` where for each constraint `row · x <= limit`, and every limit is zero or more, so
/// that `x = 0` is a place to start.
///
/// The simplex method on a condensed tableau, with Bland's rule (Bland, 1977, "New finite pivoting rules for the simplex
/// method"), which never goes round in circles. `None` when there is no greatest value.
pub(super) fn maximise(objective: &[f64], constraints: &[(Vec<f64>, f64)]) -> Option<Vec<f64>> {
    let (height, width) = (constraints.len(), objective.len());
    // The last column holds the limits, the last row the negated objective.
    let mut tableau: Vec<Vec<f64>> = constraints
        .iter()
        .map(|(row, limit)| row.iter().copied().chain([*limit]).collect())
        .collect();
    tableau.push(objective.iter().map(|value| -value).chain([0.0]).collect());
    // Which variable a column or a row stands for; those of rows have values, those of columns are zero.
    let mut columns: Vec<usize> = (0..width).collect();
    let mut rows: Vec<usize> = (width..width + height).collect();
    for _ in 0..MAX_PIVOTS {
        let entering = (0..width)
            .filter(|column| tableau[height][*column] < -ZERO)
            .min_by_key(|column| columns[*column]);
        let Some(entering) = entering else {
            let mut solution = vec![0.0; width];
            for (row, variable) in rows.iter().enumerate() {
                if let Some(value) = solution.get_mut(*variable) {
                    *value = tableau[row][width].max(0.0);
                }
            }
            return Some(solution);
        };
        let ratio = |row: &usize| tableau[*row][width] / tableau[*row][entering];
        let leaving = (0..height)
            .filter(|row| tableau[*row][entering] > ZERO)
            .min_by(|one, other| ratio(one).total_cmp(&ratio(other)).then(rows[*one].cmp(&rows[*other])))?;
        pivot(&mut tableau, leaving, entering);
        std::mem::swap(&mut rows[leaving], &mut columns[entering]);
    }
    None
}

/// Solves the row for the column's variable and puts that into every other row.
fn pivot(tableau: &mut [Vec<f64>], row: usize, column: usize) {
    let pivot = tableau[row][column];
    let mut solved = std::mem::take(&mut tableau[row]);
    solved[column] = 1.0;
    for value in &mut solved {
        *value /= pivot;
    }
    for other in tableau.iter_mut().filter(|other| !other.is_empty()) {
        let factor = std::mem::replace(&mut other[column], 0.0);
        for (value, solved) in other.iter_mut().zip(&solved) {
            *value -= factor * solved;
        }
    }
    tableau[row] = solved;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(objective: &[f64], constraints: &[(Vec<f64>, f64)], expected: &[f64]) {
        let found = maximise(objective, constraints).unwrap();
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }

    #[test]
    fn the_textbook_program_has_the_textbook_solution() {
        // Dantzig's standing example: maximise 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18.
        let constraints = [(vec![1.0, 0.0], 4.0), (vec![0.0, 2.0], 12.0), (vec![3.0, 2.0], 18.0)];
        check(&[3.0, 5.0], &constraints, &[2.0, 6.0]);
    }

    #[test]
    fn beales_example_does_not_go_round_in_circles() {
        // Beale, 1955: cycles under the usual choice of the steepest column.
        let constraints = [
            (vec![0.25, -60.0, -0.04, 9.0], 0.0),
            (vec![0.5, -90.0, -0.02, 3.0], 0.0),
            (vec![0.0, 0.0, 1.0, 0.0], 1.0),
        ];
        check(&[0.75, -150.0, 0.02, -6.0], &constraints, &[0.04, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_grows_without_end_has_no_solution() {
        assert_eq!(maximise(&[1.0, 1.0], &[(vec![1.0, -1.0], 1.0)]), None);
        assert_eq!(maximise(&[-1.0], &[]), Some(vec![0.0]));
    }
}
