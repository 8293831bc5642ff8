export interface DoctorFlags {
  readonly contract?: boolean;
  readonly backend: string;
  readonly target?: string;
  readonly draft?: string;
  readonly threads?: number;
  readonly dtype?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** One thing looked at. `bad` makes the exit code 3. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
}
