use super::*;

#[test]
fn design_rows_and_offsets_match_hand_calculation() {
    let one = EncodedTerm { slots: 4, codes: TermSlots::One(vec![3, 0]) };
    let many = EncodedTerm { slots: 3, codes: TermSlots::Many { offsets: vec![0, 2, 2], slots: vec![0, 2] } };
    assert_eq!((one.codes.row(0), one.codes.row(1), one.codes.row(2)), (&[3][..], &[0][..], &[][..]));
    assert_eq!((many.codes.row(0), many.codes.row(1), many.codes.row(2)), (&[0, 2][..], &[][..], &[][..]));
    assert_eq!((TermSlots::Every.row(0), TermSlots::Every.row(1)), (&[0][..], &[0][..]));
    let alone = Design::new(2, [one.clone()]);
    let design = alone.with_terms([many]);
    assert_eq!(design.offsets(), [0, 1, 5, 8], "the base comes first");
    assert_eq!((design.nsamples(), design.nfeatures()), (2, 3));
    assert_eq!((alone.offsets(), alone.terms[1].as_ref()), (vec![0, 1, 5], &one));
    assert_eq!(Design::default().offsets(), [0]);
    let kept = design.select_rows(&[1, 0, 1]);
    assert_eq!((kept.rows, kept.offsets()), (3, design.offsets()));
    let rows = |term: usize| (0..3).map(|row| kept.terms[term].codes.row(row).to_vec()).collect::<Vec<_>>();
    assert_eq!((rows(0), rows(1)), (vec![vec![0]; 3], vec![vec![0], vec![3], vec![0]]));
    assert_eq!(rows(2), [vec![], vec![0, 2], vec![]]);
}
