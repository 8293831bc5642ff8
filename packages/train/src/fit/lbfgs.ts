export interface LbfgsOptions {
  /** The function's value; writes its gradient. */
  value(at: Float64Array, gradient: Float64Array): number;
  /** Done where no slope is larger. */
  readonly tolerance: number;
  readonly iterations: number;
  /** Pairs of steps and changes of slope that are remembered. */
  readonly memory?: number;
  /** Called between iterations. */
  readonly breathe?: () => Promise<void>;
}

export interface LbfgsResult {
  readonly at: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
}

/**
 * Minimises a smooth convex function: limited-memory BFGS (Nocedal 1980, algorithm 7.4 of Nocedal and
 * Wright), with a line search for the weak Wolfe conditions by bisection (Lewis and Overton 2013).
 */
export async function lbfgs(start: Float64Array, options: LbfgsOptions): Promise<LbfgsResult> {
  const { tolerance, iterations, memory = 10 } = options;
  const size = start.length;
  let at: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(size);
  let value = options.value(at, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let iteration = 0;
  while (iteration < iterations && largest(gradient) > tolerance) {
    await options.breathe?.();
    iteration++;
    const direction = descent(gradient, steps, changes);
    const slope = dot(gradient, direction);
    let [low, high] = [0, Number.POSITIVE_INFINITY];
    // the first step has no scale of its own
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next = at;
    let nextGradient: Float64Array = new Float64Array(size);
    let nextValue = value;
    let found = false;
    for (let tries = 0; tries < 40; tries++) {
      next = at.map((x, i) => x + length * direction[i]!);
      nextValue = options.value(next, nextGradient);
      if (!(nextValue <= value + 1e-4 * length * slope)) high = length;
      else if (dot(nextGradient, direction) < 0.9 * slope) low = length;
      else {
        found = true;
        break;
      }
      length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
    }
    // rounding hides any further descent
    if (!found && !(nextValue < value)) break;
    const step = next.map((x, i) => x - at[i]!);
    const change = nextGradient.map((g, i) => g - gradient[i]!);
    if (dot(step, change) > 1e-12 * dot(change, change)) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    [at, gradient, value] = [next, nextGradient, nextValue];
    nextGradient = new Float64Array(size);
  }
  return { at, value, iterations: iteration, converged: largest(gradient) <= tolerance };
}

/** Minus the inverse Hessian, as the pairs have it, times the gradient. */
function descent(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = gradient.slice();
  const shares: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const share = dot(steps[i]!, q) / dot(steps[i]!, changes[i]!);
    shares[i] = share;
    addScaled(q, changes[i]!, -share);
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, changes[last]!);
    for (let i = 0; i < q.length; i++) q[i] = q[i]! * scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const back = dot(changes[i]!, q) / dot(steps[i]!, changes[i]!);
    addScaled(q, steps[i]!, shares[i]! - back);
  }
  for (let i = 0; i < q.length; i++) q[i] = -q[i]!;
  return q;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!;
  return sum;
}

function addScaled(sum: Float64Array, values: Float64Array, scale: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + scale * values[i]!;
}

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
