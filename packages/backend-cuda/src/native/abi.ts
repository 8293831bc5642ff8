/**
 * The C ABI of the engine (native/include/judge_cuda.h) as data: the binding is made of this, and a
 * test holds it against the header, field by field.
 */

export const ABI_VERSION = 4;
/** Ranks a model runs over at most. */
export const MOST_RANKS = 8;
/** Rows of `top` the device gives at most. */
export const MAX_TOP = 64;
/** Earlier layers that a pass reads at most. */
export const MAX_LAYERS = 64;
/** Rows of a round that the device decides at most. */
export const MAX_ROUND = 64;

/** What a function returns, and what stands in `jc_error.code`. */
export const CODE = {
  JC_OK: 0,
  JC_INVALID: 1,
  JC_UNSUPPORTED: 2,
  JC_OUT_OF_MEMORY: 3,
  JC_DEVICE: 4,
  JC_ABORTED: 5,
  JC_NO_DEVICE: 6,
} as const;

/** How the weights of the linear layers are held on the device. */
export const WEIGHTS = {
  JC_BF16: 0,
  JC_INT8: 1,
  JC_INT4: 2,
  JC_FP8: 3,
  JC_F16: 4,
  JC_Q8_0: 5,
  JC_Q4_0: 6,
} as const;

/** How a tensor lies in the memory of the caller. */
export const SOURCE = {
  JC_SOURCE_BF16: 0,
  JC_SOURCE_F16: 1,
  JC_SOURCE_F32: 2,
  JC_SOURCE_Q8_0: 3,
  JC_SOURCE_Q4_0: 4,
} as const;

export const TENSOR = {
  JC_EMBEDDING: 0,
  JC_OUTPUT: 1,
  JC_FINAL_NORM: 2,
  JC_ATTENTION_NORM: 3,
  JC_FEED_FORWARD_NORM: 4,
  JC_Q: 5,
  JC_K: 6,
  JC_V: 7,
  JC_O: 8,
  JC_Q_BIAS: 9,
  JC_K_BIAS: 10,
  JC_V_BIAS: 11,
  JC_O_BIAS: 12,
  JC_Q_NORM: 13,
  JC_K_NORM: 14,
  JC_GATE: 15,
  JC_UP: 16,
  JC_DOWN: 17,
} as const;

export const FLAG = {
  JC_TIED: 1,
  JC_Q_HAS_BIAS: 2,
  JC_K_HAS_BIAS: 4,
  JC_V_HAS_BIAS: 8,
  JC_O_HAS_BIAS: 16,
  JC_QK_NORM: 32,
} as const;

/** What a started call is. */
export const CALL = { JC_CALL_FORWARD: 0, JC_CALL_PROPOSE: 1, JC_CALL_VERIFY: 2 } as const;

/** By which law a round is decided. */
export const LAW = { JC_EXACT: 0, JC_SPECULATIVE: 1, JC_BLOCK: 2 } as const;

export const HIDDEN_STATE = { JC_PRE_NORM: 1, JC_POST_NORM: 2 } as const;

/** How ranks on one GPU keep out of each other's way. */
export const RANK_FLAG = { JC_RANKS_UNCONFINED: 1 } as const;

/** C types that occur in structs; every pointer is one address. */
export type FieldType = 'int32_t' | 'uint64_t' | 'float' | 'double' | 'pointer' | `char[${number}]`;

/** Fields in order, with C's rules of alignment: a struct's bytes are written by `Structs`. */
export const STRUCTS = {
  jc_error: { code: 'int32_t', message: 'char[508]' },
  jc_model_config: {
    abi: 'int32_t',
    device: 'int32_t',
    weights: 'int32_t',
    flags: 'int32_t',
    hidden: 'int32_t',
    layers: 'int32_t',
    heads: 'int32_t',
    kv_heads: 'int32_t',
    head_dim: 'int32_t',
    feed_forward: 'int32_t',
    vocab_rows: 'int32_t',
    tokens: 'int32_t',
    context: 'int32_t',
    norm_epsilon: 'float',
    rope_scale: 'float',
    fast_rows: 'int32_t',
    inverse_frequencies: 'pointer',
  },
  jc_ranks: {
    count: 'int32_t',
    flags: 'int32_t',
    patience_ms: 'int32_t',
    reserved: 'int32_t',
    devices: 'pointer',
  },
  jc_device_info: {
    name: 'char[128]',
    compute_major: 'int32_t',
    compute_minor: 'int32_t',
    multiprocessors: 'int32_t',
    clock_khz: 'int32_t',
    memory_clock_khz: 'int32_t',
    memory_bus_bits: 'int32_t',
    driver_version: 'int32_t',
    reserved: 'int32_t',
    memory_total: 'uint64_t',
    memory_free: 'uint64_t',
  },
  jc_pass: { session: 'pointer', tokens: 'pointer', start: 'int32_t', count: 'int32_t' },
  jc_term: { state: 'int32_t', id: 'int32_t' },
  jc_outputs: {
    argmax: 'pointer',
    chosen: 'pointer',
    top_ids: 'pointer',
    top_log_probs: 'pointer',
    log_sum_exp: 'pointer',
    entropy: 'pointer',
    judge: 'pointer',
    pre_norm: 'pointer',
    post_norm: 'pointer',
    logits: 'pointer',
    terms: 'pointer',
    term_count: 'int32_t',
    top: 'int32_t',
    layer_states: 'pointer',
    layers: 'pointer',
    layer_count: 'int32_t',
    reserved: 'int32_t',
  },
  jc_shaping: {
    temperature: 'double',
    top_p: 'double',
    min_p: 'double',
    repetition: 'double',
    presence: 'double',
    frequency: 'double',
    top_k: 'int32_t',
    change_count: 'int32_t',
    tokens: 'pointer',
    bias: 'pointer',
    counts: 'pointer',
    repeated: 'pointer',
  },
  jc_verify: {
    law: 'int32_t',
    bonus: 'int32_t',
    lenience: 'double',
    bonus_uniform: 'double',
    shaping: 'pointer',
    accept: 'pointer',
    recover: 'pointer',
    draft: 'pointer',
    draft_probs: 'pointer',
    accepted: 'pointer',
    recovered: 'pointer',
    argmax: 'pointer',
    chosen: 'pointer',
  },
  jc_propose: {
    count: 'int32_t',
    end_token_count: 'int32_t',
    end_tokens: 'pointer',
    drafted: 'pointer',
    logits: 'pointer',
    drafted_count: 'int32_t',
    keep: 'int32_t',
    shaping: 'pointer',
    uniforms: 'pointer',
    probs: 'pointer',
  },
  jc_call: {
    kind: 'int32_t',
    done: 'int32_t',
    code: 'int32_t',
    pass_count: 'int32_t',
    passes: 'pointer',
    outputs: 'pointer',
    propose: 'pointer',
    verify: 'pointer',
    abort: 'pointer',
    error: 'pointer',
    nanoseconds: 'uint64_t',
    gpu_nanoseconds: 'uint64_t',
    timed: 'int32_t',
    reserved: 'int32_t',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldType>>>>;

export type StructName = keyof typeof STRUCTS;

/** Result and arguments as the binding declares them; pointers are `void *` whatever they point to. */
export const FUNCTIONS = {
  jc_abi_version: ['int32_t', []],
  jc_build: ['const char *', []],
  jc_device_count: ['int32_t', ['void *', 'void *']],
  jc_device_query: ['int32_t', ['int32_t', 'void *', 'void *']],
  jc_cublaslt_version: ['int32_t', ['void *', 'void *']],
  jc_measure_bandwidth: ['int32_t', ['int32_t', 'void *', 'void *', 'void *']],
  jc_model_bytes: ['uint64_t', ['void *']],
  jc_session_bytes: ['uint64_t', ['void *', 'int32_t']],
  jc_rank_bytes: ['uint64_t', ['void *', 'int32_t']],
  jc_rank_session_bytes: ['uint64_t', ['void *', 'int32_t', 'int32_t']],
  jc_model_create: ['int32_t', ['void *', 'void *', 'void *']],
  jc_model_create_over: ['int32_t', ['void *', 'void *', 'void *', 'void *']],
  jc_model_put: [
    'int32_t',
    ['void *', 'int32_t', 'int32_t', 'int32_t', 'void *', 'int64_t', 'int64_t', 'void *'],
  ],
  jc_model_synthesize: ['int32_t', ['void *', 'uint64_t', 'void *']],
  jc_model_finish: ['int32_t', ['void *', 'void *']],
  jc_model_destroy: ['void', ['void *']],
  jc_measure_all_reduce: ['int32_t', ['void *', 'int32_t', 'void *', 'void *']],
  jc_term_create: ['int32_t', ['void *', 'void *', 'void *', 'void *']],
  jc_term_destroy: ['int32_t', ['void *', 'int32_t', 'void *']],
  jc_session_create: ['int32_t', ['void *', 'int32_t', 'void *', 'void *']],
  jc_session_destroy: ['void', ['void *']],
  jc_forward: ['int32_t', ['void *', 'void *', 'int32_t', 'void *', 'void *', 'void *']],
  jc_propose_draft: ['int32_t', ['void *', 'void *', 'void *', 'void *', 'void *']],
  jc_verify_round: ['int32_t', ['void *', 'void *', 'void *', 'void *', 'void *', 'void *']],
  jc_draft_probs: ['int32_t', ['void *', 'void *', 'int32_t', 'void *', 'void *']],
  jc_start: ['int32_t', ['void *', 'void *', 'void *']],
  jc_wait: ['void', ['void *', 'void *']],
  jc_debug_packed: ['int32_t', ['void *', 'int32_t', 'int32_t', 'void *', 'void *', 'void *']],
  jc_debug_residual: ['int32_t', ['void *', 'int32_t', 'int32_t', 'void *', 'void *']],
  jc_debug_mute: ['int32_t', ['void *', 'int32_t', 'void *']],
} as const satisfies Readonly<Record<string, readonly [string, readonly string[]]>>;

export type FunctionName = keyof typeof FUNCTIONS;
