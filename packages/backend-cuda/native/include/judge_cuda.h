/*
 * The C ABI of the judge-decoding engine for NVIDIA GPUs.
 *
 * One shared library, no dependency but the driver. Everything is plain data: fixed-width integers,
 * floats and pointers, structs without padding holes, so that any language can call it (koffi from
 * TypeScript, ctypes from Python). The caller owns every buffer it passes; the library copies.
 *
 * Functions return JC_OK or the code that also stands in `error`. No function throws, exits or
 * prints. Calls on one model may come from any thread, one at a time; different models are independent.
 *
 * Words: a *row* is one token fed in a pass; `start` is the position of a pass's first row in its
 * session, so that rolling back is passing a smaller `start`: the cache itself is never touched.
 */
#ifndef JUDGE_CUDA_H
#define JUDGE_CUDA_H

#include <stdint.h>

#if defined(_WIN32)
#define JC_API __declspec(dllexport)
#else
#define JC_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a struct, an enum value or the meaning of a function changes. */
#define JC_ABI_VERSION 4

enum jc_code {
  JC_OK = 0,
  JC_INVALID = 1,        /* an argument the caller should not have passed */
  JC_UNSUPPORTED = 2,    /* well formed, but not something this engine or this GPU can do */
  JC_OUT_OF_MEMORY = 3,  /* of the device or of pinned host memory; the object asked for does not exist */
  JC_DEVICE = 4,         /* the device failed; every model on it refuses from then on */
  JC_ABORTED = 5,        /* *abort became non-zero; the session keeps what was fed before */
  JC_NO_DEVICE = 6       /* no driver, or no GPU it can see */
};

typedef struct jc_error {
  int32_t code;
  char message[508]; /* UTF-8, ends with a zero byte; a full sentence */
} jc_error;

/* How the weights of the linear layers are held on the device. Embeddings stay as stored, but float32, which becomes bf16. */
enum jc_weights {
  JC_BF16 = 0,
  JC_INT8 = 1, /* symmetric, one scale an output row */
  JC_INT4 = 2, /* -8 to 7, the largest is -8, one scale (fp16, of either sign) a row and group of 128 inputs */
  JC_FP8 = 3,  /* e4m3, one scale an output row */
  JC_F16 = 4,  /* as stored, multiplied in two parts, so that none of its eleven bits is lost */
  JC_Q8_0 = 5, /* eight bits and one scale (fp16) a row and block of 32 inputs: GGUF's Q8_0 and Q4_0 as they are */
  JC_Q4_0 = 6  /* four bits, -8 to 7, and the same scales: GGUF's Q4_0 as it is; the output matrix is JC_Q8_0 */
};

/* How a tensor lies in the memory of the caller. Blocks: as in a GGUF file, matrices with a multiple of 32 columns. */
enum jc_source { JC_SOURCE_BF16 = 0, JC_SOURCE_F16 = 1, JC_SOURCE_F32 = 2, JC_SOURCE_Q8_0 = 3, JC_SOURCE_Q4_0 = 4 };

/* Which tensor: [rows, cols] row-major, y = W x. Vectors have cols = 1. */
enum jc_tensor {
  JC_EMBEDDING = 0,   /* [vocab_rows, hidden] */
  JC_OUTPUT = 1,      /* [vocab_rows, hidden]; not given where tied */
  JC_FINAL_NORM = 2,  /* [hidden] */
  JC_ATTENTION_NORM = 3, JC_FEED_FORWARD_NORM = 4, /* [hidden], before the block */
  JC_Q = 5, JC_K = 6, JC_V = 7, JC_O = 8,
  JC_Q_BIAS = 9, JC_K_BIAS = 10, JC_V_BIAS = 11, JC_O_BIAS = 12,
  JC_Q_NORM = 13, JC_K_NORM = 14, /* [head_dim] */
  JC_GATE = 15, JC_UP = 16, JC_DOWN = 17
};

enum jc_flags {
  JC_TIED = 1,    /* the output matrix is the embedding matrix */
  JC_Q_HAS_BIAS = 2, JC_K_HAS_BIAS = 4, JC_V_HAS_BIAS = 8, JC_O_HAS_BIAS = 16,
  JC_QK_NORM = 32 /* RMSNorm over each head's query and key before the rotation */
};

typedef struct jc_model_config {
  int32_t abi;        /* JC_ABI_VERSION of the header the caller was built with */
  int32_t device;     /* index as the driver counts */
  int32_t weights;    /* enum jc_weights */
  int32_t flags;
  int32_t hidden, layers, heads, kv_heads, head_dim, feed_forward;
  int32_t vocab_rows; /* rows of embedding and output matrix */
  int32_t tokens;     /* real tokens: ids 0 .. tokens - 1; the rest never leaves the engine */
  int32_t context;    /* longest session; sessions may be opened shorter */
  float norm_epsilon;
  float rope_scale;   /* multiplies cosine and sine; 1 unless a scaling says otherwise */
  /*
   * 0: prompts are read exactly. Else a multiple of 128 from 256 to 8192: a pass of one session that asks for no outputs is read up
   * to so many rows at once by cuBLASLt, as long as 256 are left, with other bits than decoding's. Refused over several ranks, for
   * JC_F16, before Hopper, and where cuBLASLt is not found.
   */
  int32_t fast_rows;
  const float *inverse_frequencies; /* [head_dim / 2]; element i turns with element i + head_dim / 2 */
} jc_model_config;

/*
 * A model over several ranks (tensor parallelism in one process): each has its part of the heads, the feed-forward columns
 * and the vocabulary. `devices` names a GPU for every rank, or one GPU for all of them, which then share its
 * multiprocessors: for tests of what there are not enough GPUs for.
 */
#define JC_MOST_RANKS 8
enum jc_rank_flags {
  JC_RANKS_UNCONFINED = 1 /* ranks on one GPU are not kept to a share of it; their kernels do not overlap then */
};
typedef struct jc_ranks {
  int32_t count;       /* 1 to JC_MOST_RANKS */
  int32_t flags;       /* enum jc_rank_flags */
  int32_t patience_ms; /* how long one rank waits for another before all of them give up; 0: ten seconds */
  int32_t reserved;
  const int32_t *devices; /* [count] */
} jc_ranks;

typedef struct jc_device_info {
  char name[128];
  int32_t compute_major, compute_minor;
  int32_t multiprocessors;
  int32_t clock_khz, memory_clock_khz, memory_bus_bits;
  int32_t driver_version; /* of CUDA, as the driver reports it: 13000 is 13.0 */
  int32_t reserved;
  uint64_t memory_total, memory_free; /* bytes */
} jc_device_info;

typedef struct jc_model jc_model;
typedef struct jc_session jc_session;

/* Tokens for one session. Positions start .. start + count - 1; everything before is in the cache. */
typedef struct jc_pass {
  jc_session *session;
  const int32_t *tokens;
  int32_t start;
  int32_t count; /* at least 1 */
} jc_pass;

/* One judge term: weights [hidden] over one hidden state. */
typedef struct jc_term {
  int32_t state; /* of the last layer 0 pre-norm, 1 post-norm; 2 + i: the residual stream behind layer `layers[i]` */
  int32_t id;    /* as returned by jc_term_create */
} jc_term;

enum jc_hidden_states { JC_PRE_NORM = 1, JC_POST_NORM = 2 };

/*
 * What a pass returns. A null pointer asks for nothing. Rows are those of all passes in order
 * (R of them). `top` > 0 fills the four top arrays; top at most JC_MAX_TOP.
 */
#define JC_MAX_TOP 64
#define JC_MAX_LAYERS 64
typedef struct jc_outputs {
  int32_t *argmax;        /* [R], lowest id on a tie */
  float *chosen;          /* [R]: ln p of the next token of the same pass; undefined for a pass's last row */
  int32_t *top_ids;       /* [R, top] */
  float *top_log_probs;   /* [R, top] */
  float *log_sum_exp;     /* [R]; may be asked for alone */
  float *entropy;         /* [R], nats; may be asked for alone */
  float *judge;           /* [R, terms] */
  float *pre_norm;        /* [R, hidden] */
  float *post_norm;       /* [R, hidden] */
  float *logits;          /* [R, tokens] */
  const jc_term *terms;
  int32_t term_count;
  int32_t top;
  float *layer_states;    /* [R, layer_count, hidden] */
  const int32_t *layers;  /* [layer_count], counted from 1, each once and below the model's own: read by terms or handed over */
  int32_t layer_count;    /* at most JC_MAX_LAYERS */
  int32_t reserved;
} jc_outputs;

/*
 * How a distribution is shaped before a token is drawn: bias, penalties, temperature, top-k, top-p, min-p, in this order
 * and in float64. At temperature 0 the most likely token is certain. What is not taken as it is stands in a list of tokens.
 */
typedef struct jc_shaping {
  double temperature;
  double top_p;      /* 1: all */
  double min_p;      /* 0: all */
  double repetition; /* divides positive and multiplies negative logits of tokens that are `repeated`; 1: off */
  double presence;   /* subtracted where a token counts at all */
  double frequency;  /* subtracted for each time it counts */
  int32_t top_k;     /* 0: all */
  int32_t change_count;
  const int32_t *tokens;   /* [change_count], each once */
  const double *bias;      /* added; minus infinity: never drawn */
  const int32_t *counts;   /* how often penalties count the token already */
  const int32_t *repeated; /* 1 where the repetition penalty sees it already */
} jc_shaping;

/* By which law a round is decided. */
enum jc_law { JC_EXACT = 0, JC_SPECULATIVE = 1, JC_BLOCK = 2 };

/*
 * A round: a pass over the text's last token and `count - 1` drafted ones (at most 63), decided where the logits are. Each
 * row's penalties see the tokens drafted before it. `accepted` and `recovered` answer for every position as if all before it
 * were kept; of JC_BLOCK `recovered` is told behind the accepted ones alone, and `bonus` where all are (elsewhere 0).
 */
typedef struct jc_verify {
  int32_t law;                /* enum jc_law; JC_EXACT at temperature 0, the others above it */
  int32_t bonus;              /* out */
  double lenience;            /* of JC_SPECULATIVE: u l q < p accepts; 1 is lossless */
  double bonus_uniform;       /* uniform numbers are in [0, 1) */
  const jc_shaping *shaping;
  const double *accept;       /* [drafted] uniform numbers */
  const double *recover;      /* [drafted] uniform numbers */
  const jc_session *draft;    /* whose last draft kept its distributions, on any device; or null */
  const double *draft_probs;  /* [drafted, tokens] on the host; or null. Both null: the draft was certain */
  int32_t *accepted;          /* [drafted] out, 0 or 1 */
  int32_t *recovered;         /* [drafted] out */
  int32_t *argmax;            /* [count] out: of the processed distributions */
  double *chosen;             /* [drafted] out: ln p of the drafted tokens */
} jc_verify;

/*
 * Drafting on the device: feeds `tokens`, then draws and feeds what was drawn, count times. Without `shaping` it draws
 * the argmax; with it from the processed distributions, penalties seeing each token drawn.
 */
typedef struct jc_propose {
  int32_t count;
  int32_t end_token_count;
  const int32_t *end_tokens; /* drafting ends after one of these */
  int32_t *drafted;          /* [count], filled */
  float *logits;             /* [count, tokens] or null */
  int32_t drafted_count;     /* out */
  int32_t keep;              /* 1: distributions stay with the session, until it drafts again */
  const jc_shaping *shaping; /* or null */
  const double *uniforms;    /* [count], with `shaping` */
  double *probs;             /* [count, tokens] or null */
} jc_propose;

/*
 * A forward or a draft that is started and looked at later, so that a caller with an event loop needs no thread of its
 * own. Everything it points to must stay where it is until `done`.
 */
enum jc_call_kind { JC_CALL_FORWARD = 0, JC_CALL_PROPOSE = 1, JC_CALL_VERIFY = 2 };
typedef struct jc_call {
  int32_t kind;
  int32_t done;            /* out: 1 once it is over; written last */
  int32_t code;            /* out: what the function would have returned */
  int32_t pass_count;      /* 1 for a draft and a round */
  const jc_pass *passes;
  const jc_outputs *outputs; /* of a forward and a round */
  jc_propose *propose;     /* of a draft */
  jc_verify *verify;       /* of a round */
  const int32_t *abort;    /* may be null */
  jc_error *error;
  uint64_t nanoseconds;    /* out: from its turn to its end, inside the library */
  uint64_t gpu_nanoseconds; /* out, where `timed`: what of it the device was at work */
  int32_t timed;
  int32_t reserved;
} jc_call;

JC_API int32_t jc_abi_version(void);
/* Name and version of the build, for messages: "judge_cuda 0.1.0 sm_90a compute_80". Static storage. */
JC_API const char *jc_build(void);

JC_API int32_t jc_device_count(int32_t *count, jc_error *error);
JC_API int32_t jc_device_query(int32_t device, jc_device_info *info, jc_error *error);
/* Of the cuBLASLt that fast prefill would use (JUDGE_CUDA_CUBLASLT: a file; else by name): 130002 is 13.0.2. Refused where there is none. */
JC_API int32_t jc_cublaslt_version(int32_t *version, jc_error *error);
/* Measured once, about 50 ms: bytes a second read by a kernel that only reads, and moved by a copy (read + written). */
JC_API int32_t jc_measure_bandwidth(int32_t device, double *read, double *copied, jc_error *error);

/* Bytes of device memory a model of this shape takes, and one session of `capacity` tokens. Pure arithmetic. */
JC_API uint64_t jc_model_bytes(const jc_model_config *config);
JC_API uint64_t jc_session_bytes(const jc_model_config *config, int32_t capacity);

/* The same of the rank that takes most, where there are `ranks` of them; 0 where the model does not divide. */
JC_API uint64_t jc_rank_bytes(const jc_model_config *config, int32_t ranks);
JC_API uint64_t jc_rank_session_bytes(const jc_model_config *config, int32_t ranks, int32_t capacity);

/* Allocates everything; weights are put in afterwards, in any order, each once. */
JC_API int32_t jc_model_create(const jc_model_config *config, jc_model **model, jc_error *error);
/*
 * The same over several ranks; everything else is then called as for one. Refused where heads or columns do not divide,
 * where GPUs are of different kinds, or cannot reach each other's memory. `config->device` is not looked at.
 */
JC_API int32_t jc_model_create_over(const jc_model_config *config, const jc_ranks *ranks, jc_model **model, jc_error *error);
/* Uploads, quantises and packs one tensor. `layer` counts from 0; it is 0 for tensors outside layers. */
JC_API int32_t jc_model_put(jc_model *model, int32_t tensor, int32_t layer, int32_t source, const void *data,
                            int64_t rows, int64_t cols, jc_error *error);
/* Random weights of a real model's magnitude for whatever was not put. For speed only. */
JC_API int32_t jc_model_synthesize(jc_model *model, uint64_t seed, jc_error *error);
/* Refuses a model some tensor of which was not given, naming it. Passes are refused before. */
JC_API int32_t jc_model_finish(jc_model *model, jc_error *error);
/* Destroys its sessions, too. Null is fine. */
JC_API void jc_model_destroy(jc_model *model);

/*
 * Microseconds from one sum over the ranks to the next, with residual and norm, for passes of `rows` rows: a thousand in a
 * row, nothing between them. Of one rank: what residual and norm take.
 */
JC_API int32_t jc_measure_all_reduce(jc_model *model, int32_t rows, double *microseconds, jc_error *error);

/* Device copy of a term's weights, [hidden] float32. */
JC_API int32_t jc_term_create(jc_model *model, const float *weights, int32_t *id, jc_error *error);
JC_API int32_t jc_term_destroy(jc_model *model, int32_t id, jc_error *error);

JC_API int32_t jc_session_create(jc_model *model, int32_t capacity, jc_session **session, jc_error *error);
JC_API void jc_session_destroy(jc_session *session);

/*
 * Feeds all passes (several sessions of one model, each at most once) and returns what `outputs` asks
 * for. Any number of rows: the engine cuts them. A row's bits depend on its session's text alone (but for `fast_rows`).
 * `abort` (may be null) is read between cuts.
 */
JC_API int32_t jc_forward(jc_model *model, const jc_pass *passes, int32_t pass_count, const jc_outputs *outputs,
                          const volatile int32_t *abort, jc_error *error);

/* See jc_propose. The last token drawn is not fed. count + pass->start + pass->count - 1 must fit the session. */
JC_API int32_t jc_propose_draft(jc_model *model, const jc_pass *pass, jc_propose *propose, const volatile int32_t *abort,
                                 jc_error *error);

/* See jc_verify. `outputs` may ask for anything else of the same rows. */
JC_API int32_t jc_verify_round(jc_model *model, const jc_pass *pass, const jc_outputs *outputs, jc_verify *verify,
                               const volatile int32_t *abort, jc_error *error);
/* The distributions that a session's last draft kept, the first `rows` of them: [rows, tokens]. */
JC_API int32_t jc_draft_probs(jc_model *model, const jc_session *session, int32_t rows, double *probs, jc_error *error);

/*
 * Starts `call` on a thread of the model's own and returns at once; calls run in the order in which they were started.
 * `jc_wait` sleeps until it is done: for calls that take long enough to be worth waking somebody.
 */
JC_API int32_t jc_start(jc_model *model, jc_call *call, jc_error *error);
JC_API void jc_wait(jc_model *model, jc_call *call);

/*
 * The packed form of one matrix as the device would hold it, written to `packed` on the host: the
 * reference for tests. Returns the bytes needed when `packed` is null.
 */
JC_API int32_t jc_debug_packed(jc_model *model, int32_t tensor, int32_t layer, void *packed, uint64_t *bytes, jc_error *error);

/* The residual stream of the last run of a pass as one rank holds it, [rows, hidden]: all ranks hold the same bits. */
JC_API int32_t jc_debug_residual(jc_model *model, int32_t rank, int32_t rows, float *residual, jc_error *error);
/* What a rank sends from now on reaches nobody, as if its GPU had failed: for tests, before the first pass. */
JC_API int32_t jc_debug_mute(jc_model *model, int32_t rank, jc_error *error);

#ifdef __cplusplus
}
#endif
#endif
