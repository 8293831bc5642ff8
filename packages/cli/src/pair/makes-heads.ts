/** What makes heads for any pair: `judge train fit` does for the pocket world alone. */
export const MAKES_HEADS = '`judge train run`';
