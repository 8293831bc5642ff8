/** A source of numbers in [0, 1) that only the seed decides (mulberry32). */
export function seededUniforms(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers (Box and Muller) in float32, `scale` times as wide. */
export function seededNormals(uniform: () => number, count: number, scale: number): Float32Array {
  const normals = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    normals[index] = scale * radius * Math.cos(2 * Math.PI * uniform());
  }
  return normals;
}

/** Eight hex digits that tell two texts apart (FNV-1a). */
export function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
