//! The textbook, in two rows.

pub fn levenshtein(a: &[u32], b: &[u32]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cell = (corner + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], cell);
        }
    }
    row[b.len()]
}

pub fn dtw(a: &[f64], b: &[f64]) -> f64 {
    let mut row = vec![f64::INFINITY; b.len() + 1];
    row[0] = 0.0;
    for x in a {
        let mut corner = row[0];
        row[0] = f64::INFINITY;
        for (j, y) in b.iter().enumerate() {
            let cell = (x - y) * (x - y) + corner.min(row[j]).min(row[j + 1]);
            corner = std::mem::replace(&mut row[j + 1], cell);
        }
    }
    row[b.len()]
}
