/**
 * A TypeScript program without its types, for whatever Node there is: Node takes them away itself from 22.18 on, and
 * from older ones programs would end differently. Nothing is run here, and types are not checked.
 *
 * @throws SyntaxError where it is no program.
 */
export async function withoutTypes(source: string): Promise<string> {
  const { transform } = await import('sucrase');
  return transform(source, { transforms: ['typescript'], disableESTransforms: true }).code;
}
