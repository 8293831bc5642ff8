/**
 * Does the report in docs/gpu belong to the engine as it is? Says in one line; with --strict a report that
 * is missing, of other sources or with something broken in it ends with exit code 1: what a release needs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourcesDigest } from '../../packages/backend-cuda/native/sources.mjs';

const path = fileURLToPath(new URL('../../docs/gpu/report.json', import.meta.url));

/** What keeps the report from being the engine's, or `undefined`. */
export function problemOf(report, engine) {
  if (report === undefined) return 'docs/gpu holds no report of the engine: run tools/gpu-report on a GPU.';
  const others = report.engines.filter((digest) => digest !== engine);
  if (others.length > 0 || report.engines.length === 0) {
    return `the report in docs/gpu is of other engine sources (${others.join(', ') || 'none'}) than these (${engine}): run tools/gpu-report on a GPU again.`;
  }
  const missing = ['speed', 'rows', 'texts', 'transformers', 'contract', 'faults'].filter(
    (name) => !report.parts.some(({ part }) => part === name),
  );
  if (missing.length > 0) return `the report in docs/gpu lacks ${missing.join(', ')}.`;
  if (report.parts.some(({ quick }) => quick))
    return 'the report in docs/gpu was made with --quick, which measures nothing.';
  const broken = brokenIn(report.parts);
  return broken.length === 0
    ? undefined
    : `the report in docs/gpu says what is broken: ${broken.join('; ')}.`;
}

/** Promises that a part found unkept. */
function brokenIn(parts) {
  return parts.flatMap(({ part, items }) =>
    Object.entries(items).flatMap(([name, item]) => {
      const bad =
        (part === 'rows' && item.differ > 0) ||
        (part === 'texts' && item.differ.length > 0) ||
        (part === 'real-pair' && (item.differ ?? []).length > 0) ||
        (part === 'contract' && item.broken.length > 0) ||
        (part === 'faults' && item.outcome !== 'kept') ||
        // an explanation is no proof
        (part === 'sanitizer' && item.outcome !== 'clean') ||
        (part === 'prefill' && item.fast !== undefined && !isNear(item.fast.behind.distance)) ||
        (part === 'transformers' && item.contexts.some(strays));
      return bad ? [`${part}: ${name}`] : [];
    }),
  );
}

/** Rows of other widths are others, or the engine is further from float32 than it may be; what is no number is not near. */
function strays({ widthsDiffer, ours = {}, theirs = {} }) {
  const states = Object.entries(ours);
  const near = states.every(([state, distance]) => isNear(distance) && distance <= 1.2 * theirs[state]);
  return widthsDiffer !== 0 || states.length === 0 || !near;
}

/** Relative, L2, of what sixteen bits compute. NaN is null in JSON. */
const isNear = (distance) => typeof distance === 'number' && distance <= 4e-2;

export function currentProblem() {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  return problemOf(report, sourcesDigest());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = currentProblem();
  console.log(`gpu-report: ${problem ?? 'the report in docs/gpu is of these engine sources.'}`);
  if (problem !== undefined && process.argv.includes('--strict')) process.exitCode = 1;
}
