import type { Operator } from './arithmetic.ts';
import type { FrameInfo, Ref, ResolvedTarget } from './symbols.ts';
import type { Value } from './values.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'notin';

export interface Name {
  readonly kind: 'name';
  readonly name: string;
  /** Where its value lies; filled in when names are resolved. */
  ref?: Ref;
  /** Whether it is a parameter of a function around this one. */
  isOuterParameter?: boolean;
}

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly (readonly [string, Expression])[];
  readonly star: Expression | undefined;
  readonly doubleStar: Expression | undefined;
}

export interface Filter {
  readonly kind: 'filter';
  /** None where it filters a block. */
  readonly input: Expression | undefined;
  readonly name: string;
  readonly args: Arguments;
  readonly line: number;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: Arguments;
}

export interface Test {
  readonly kind: 'test';
  readonly input: Expression;
  readonly name: string;
  readonly args: Arguments;
  readonly line: number;
}

export type Expression =
  | { readonly kind: 'const'; readonly value: Value }
  | Name
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
      readonly line: number;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'sign'; readonly sign: '-' | '+'; readonly operand: Expression }
  | {
      readonly kind: 'calculation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'concat'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: Comparison; readonly operand: Expression }[];
    }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly object: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
      isComputedBefore?: boolean;
    }
  | CallExpression
  | Filter
  | Test;

/** What can be assigned to. */
export type Target =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple'; readonly items: readonly Target[] }
  | { readonly kind: 'attribute'; readonly name: string; readonly attribute: string };

export interface Parameter {
  readonly name: string;
  readonly otherwise: Expression | undefined;
}

/** A body that is a function: a macro, what a `call` hands over, a `generation` block. */
export interface MacroBody {
  readonly name: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  frame?: FrameInfo;
  /** Where its parameters lie, in order, and then those that it uses without naming them. */
  slots?: MacroSlots;
}

export interface MacroSlots {
  readonly parameters: readonly Ref[];
  readonly caller: Ref | undefined;
  readonly kwargs: Ref | undefined;
  readonly varargs: Ref | undefined;
}

export interface For {
  readonly kind: 'for';
  readonly target: Target;
  readonly items: Expression;
  readonly test: Expression | undefined;
  readonly isRecursive: boolean;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
  frames?: ForFrames;
}

export interface ForFrames {
  readonly body: FrameInfo;
  readonly otherwise: FrameInfo | undefined;
  readonly test: FrameInfo | undefined;
  readonly target: ResolvedTarget;
  /** The target as the test sees it. */
  readonly testTarget: ResolvedTarget | undefined;
  /** Where `loop` lies, if anything in the body asks for it. */
  readonly loop: Ref | undefined;
}

export interface If {
  readonly kind: 'if';
  readonly test: Expression;
  readonly body: readonly Statement[];
  /** Each an `if` with neither branches nor an `else` of its own. */
  readonly branches: readonly If[];
  readonly otherwise: readonly Statement[];
}

export interface Block {
  readonly kind: 'block';
  readonly name: string;
  readonly isScoped: boolean;
  readonly isRequired: boolean;
  readonly body: readonly Statement[];
  frame?: FrameInfo;
  /** Where `super` lies, if the body asks for it. */
  superRef?: Ref | undefined;
  /** What a scoped block sees of its surroundings. */
  seen?: readonly (readonly [string, Ref])[] | undefined;
}

/** A name that a toplevel statement sets, so that blocks see it. */
export interface Exported {
  readonly name: string;
  readonly ref: Ref;
}

export interface MacroStatement {
  readonly kind: 'macro';
  readonly macro: MacroBody & { readonly name: string };
  ref?: Ref;
  isExported?: boolean;
}

export interface CallBlock {
  readonly kind: 'call-block';
  readonly call: CallExpression;
  readonly macro: MacroBody;
}

export interface FilterBlock {
  readonly kind: 'filter-block';
  readonly filter: Filter;
  readonly body: readonly Statement[];
  frame?: FrameInfo;
}

export interface With {
  readonly kind: 'with';
  readonly targets: readonly Target[];
  readonly values: readonly Expression[];
  readonly body: readonly Statement[];
  frame?: FrameInfo;
  resolved?: readonly ResolvedTarget[];
}

export interface Assignment {
  readonly kind: 'set';
  readonly target: Target;
  readonly value: Expression;
  resolved?: ResolvedTarget;
  exports?: readonly Exported[];
}

export interface BlockAssignment {
  readonly kind: 'set-block';
  readonly target: Target;
  readonly filter: Filter | undefined;
  readonly body: readonly Statement[];
  frame?: FrameInfo;
  resolved?: ResolvedTarget;
  exports?: readonly Exported[];
}

export type Statement =
  | { readonly kind: 'output'; readonly items: readonly (string | Expression)[] }
  | For
  | If
  | MacroStatement
  | CallBlock
  | { readonly kind: 'generation'; readonly macro: MacroBody }
  | FilterBlock
  | With
  | Assignment
  | BlockAssignment
  | Block
  /** `include`, `import`, `extends`: there is no other template. */
  | { readonly kind: 'other-template'; readonly name: Expression; readonly stores: readonly string[] }
  | { readonly kind: 'break' | 'continue' };
