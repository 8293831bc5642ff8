import { type AdmissionTree, JudgeDecodingError, type RuleSpec } from '@judge-decoding/core';

/** The same rule with `threshold` for every judge that has none of its own. */
export function withThreshold(spec: RuleSpec, threshold: number): RuleSpec {
  const set = (tree: AdmissionTree): AdmissionTree => {
    if ('anyOf' in tree) return { anyOf: tree.anyOf.map(set) };
    if ('allOf' in tree) return { allOf: tree.allOf.map(set) };
    if (tree.name !== 'judge') return tree;
    if (tree.parameters.length > 0) {
      throw new JudgeDecodingError(
        'invalid-option',
        `Expected one threshold, got judge:${tree.parameters[0]} and --threshold ${threshold}. Leave one out.`,
      );
    }
    return { ...tree, parameters: [threshold] };
  };
  return spec.admit === undefined ? spec : { ...spec, admit: set(spec.admit) };
}
