/**
 * ONNX Runtime's releases for Linux and macOS tell Microsoft about each session, the model's file name
 * included, unless this variable is set before it is loaded. What they gather for that includes the
 * command line, matched by a regular expression that overflows the stack: an argument of some 16 kB, a
 * long prompt say, ends the process with a segmentation fault. Whoever wants it sets the variable to
 * an empty text.
 *
 * The process's own environment is set, which native code sees. In a thread that has a copy of it (a
 * worker of the caller's), the caller must set the variable.
 */
export function withoutTelemetry(env: NodeJS.ProcessEnv = process.env): void {
  env.ORT_DISABLE_TELEMETRY ??= '1';
}
