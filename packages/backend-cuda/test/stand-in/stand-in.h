/*
 * A slow library with the engine's ABI that needs no GPU: what the TypeScript side is tested with.
 * It computes what a decoder means, one row after another, so every promise can be examined on it but speed.
 */
#ifndef STAND_IN_H
#define STAND_IN_H

#include "judge_cuda.h"
#include "../../native/src/shard.h"
#include "../../native/src/runner.h"

#include <stddef.h>
#include <stdint.h>

enum { ROLES = 18, MOST_TERMS = 512 };

struct jc_session {
  struct jc_model *model;
  jc_session *next;
  int32_t capacity;
  float *keys, *values; /* [layers, capacity, kv_heads * head_dim], rounded to bf16 */
  double *kept;         /* [kept_rows, tokens]: what its last draft was drawn from */
  int32_t kept_rows;
};

struct jc_model {
  jc_model_config config;
  int32_t ranks, devices[JC_MOST_RANKS];
  float *frequencies;
  float **tensors[ROLES]; /* by role, then layer; as float32 of what the device would hold */
  float *terms[MOST_TERMS];
  float *arriving; // of the last term
  int32_t term_count;
  int32_t finished;
  jc_session *sessions;
  jc_runner runner;
};

/* What a row says. */
typedef struct row_state {
  float *pre_norm, *post_norm, *logits;
  float *layers; /* [layers, hidden]: behind each of them */
} row_state;

/* weights.c */
void tensor_shape(const jc_model_config *config, int32_t role, int64_t *rows, int64_t *cols, int32_t *layers);
int is_expected(const jc_model_config *config, int32_t role);
float given_value(const void *data, int32_t source, int64_t i);
int holds(int32_t weights, int32_t source);
void round_rows(float *values, int64_t rows, int64_t cols, int32_t weights);
float bf16(float value);
float half_to_float(uint16_t bits);
float float_to_half(float value);

/* decoder.c */
void decode_row(jc_session *session, int32_t token, int32_t position, row_state *row, float *scratch);
size_t scratch_floats(const jc_model_config *config);

/* sampling.c */
int32_t drawn_token(jc_session *session, const jc_propose *propose, const float *logits);
int32_t decide(const jc_model *model, const jc_pass *pass, jc_verify *verify, const float *logits, jc_error *error);

/* faults.c: what tests may ask for; not part of the ABI */
JC_API void stand_in_set(int32_t what, int64_t value);
enum { SET_MEMORY = 0, SET_FAIL_FORWARD = 1, SET_ROW_MICROSECONDS = 2, SET_DEVICES = 3, SET_LOST = 4, SET_CUBLASLT = 5 };
extern int64_t settings[6];
int take_memory(int32_t device, uint64_t bytes);
void give_memory(int32_t device, uint64_t bytes);
uint64_t free_memory(int32_t device);
/* On every device of the model; all or none. */
int take_ranks(const jc_model *model, uint64_t bytes);
void give_ranks(const jc_model *model, uint64_t bytes);

#endif
