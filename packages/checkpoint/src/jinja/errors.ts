/** What Python would have raised: its class and its message, word for word where templates can see them. */
export class PythonError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.name = 'PythonError';
    this.kind = kind;
  }
}

/** Something that jinja2 knows and this interpreter does not, by its name. */
export class NotSupported extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(`${feature} is not supported here`);
    this.name = 'NotSupported';
    this.feature = feature;
  }
}

/** A bound on time or size was reached. */
export class TemplateLimit extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateLimit';
  }
}

export const typeError = (message: string) => new PythonError('TypeError', message);
export const valueError = (message: string) => new PythonError('ValueError', message);
export const syntaxError = (message: string) => new PythonError('TemplateSyntaxError', message);
export const runtimeError = (message: string) => new PythonError('TemplateRuntimeError', message);
