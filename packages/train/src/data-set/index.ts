export {
  type Agreed,
  type Agreement,
  agreed,
  agreements,
  annotationOf,
  mergeAnnotated,
  splitRows,
  withAnnotation,
  withMarksOf,
  withOthersWords,
  withoutAnnotation,
} from './annotations.ts';
export { type CheckedDataSet, checkDataSet, type Fault, parseDataSet } from './check-data-set.ts';
export { parseRow } from './parse-row.ts';
export {
  type Annotation,
  type Cuts,
  DATA_SET_VERSION,
  type DataSetRow,
  type Decision,
  type Mistake,
  messagesOf,
  type Provenance,
  problemOf,
  rowLine,
  type Span,
  type Suggestion,
} from './row.ts';
export { tokenLabels } from './token-labels.ts';
export { type OffsetTokenizer, type TokenOffsets, tokenOffsets } from './token-offsets.ts';
