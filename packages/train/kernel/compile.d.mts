/** kernel.wat in WebAssembly's binary form, base64. */
export function compileKernel(): Promise<string>;
