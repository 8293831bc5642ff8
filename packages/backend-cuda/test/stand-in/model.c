#include "stand-in.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef STAND_IN_ABI
#define STAND_IN_ABI JC_ABI_VERSION
#endif

int32_t fail(jc_error *error, int32_t code, const char *format, ...) {
  if (error) {
    va_list given;
    va_start(given, format);
    error->code = code;
    vsnprintf(error->message, sizeof error->message, format, given);
    va_end(given);
  }
  return code;
}

JC_API int32_t jc_abi_version(void) { return STAND_IN_ABI; }
JC_API const char *jc_build(void) { return "stand-in without a GPU"; }

JC_API int32_t jc_device_count(int32_t *count, jc_error *error) {
  if (settings[SET_DEVICES] < 0) return fail(error, JC_NO_DEVICE, "The NVIDIA driver is not installed.");
  *count = (int32_t)settings[SET_DEVICES];
  return JC_OK;
}

JC_API int32_t jc_device_query(int32_t device, jc_device_info *info, jc_error *error) {
  if (device < 0 || device >= settings[SET_DEVICES]) return fail(error, JC_INVALID, "There is no device %d.", device);
  memset(info, 0, sizeof *info);
  snprintf(info->name, sizeof info->name, "Stand-in");
  info->compute_major = 9;
  info->multiprocessors = 1;
  info->clock_khz = 1000000;
  info->memory_clock_khz = 2000000;
  info->memory_bus_bits = 512;
  info->driver_version = 12040;
  info->memory_total = (uint64_t)settings[SET_MEMORY];
  info->memory_free = free_memory(device);
  return JC_OK;
}

JC_API int32_t jc_measure_bandwidth(int32_t device, double *read, double *copied, jc_error *error) {
  if (device < 0 || device >= settings[SET_DEVICES]) return fail(error, JC_INVALID, "There is no device %d.", device);
  *read = 2e9;
  *copied = 1e9;
  return JC_OK;
}

JC_API int32_t jc_cublaslt_version(int32_t *version, jc_error *error) {
  if (!settings[SET_CUBLASLT]) return fail(error, JC_UNSUPPORTED, "Expected cuBLASLt (libcublasLt.so.13 or .12) for fast prefill, it was not found.");
  *version = (int32_t)settings[SET_CUBLASLT];
  return JC_OK;
}

JC_API uint64_t jc_rank_bytes(const jc_model_config *c, int32_t ranks) {
  char why[256];
  uint64_t bytes = (uint64_t)c->fast_rows * c->hidden;
  if (!jc_divides(c, ranks, why)) return 0;
  jc_shard shard = jc_shard_of(c, 0, ranks);
  for (int32_t role = 0; role < ROLES; role++) {
    int64_t rows, cols;
    int32_t layers;
    tensor_shape(c, role, &rows, &cols, &layers);
    jc_part part = jc_part_of(c, &shard, role, rows, cols);
    if (is_expected(c, role)) bytes += (uint64_t)part.rows.count * part.cols.count * layers * (c->weights == JC_INT4 ? 1 : 2);
  }
  return bytes;
}

JC_API uint64_t jc_model_bytes(const jc_model_config *c) { return jc_rank_bytes(c, 1); }

JC_API uint64_t jc_rank_session_bytes(const jc_model_config *c, int32_t ranks, int32_t capacity) {
  jc_shard shard = jc_shard_of(c, 0, ranks);
  return (uint64_t)4 * c->layers * capacity * shard.kv_heads.count * c->head_dim;
}

JC_API uint64_t jc_session_bytes(const jc_model_config *c, int32_t capacity) { return jc_rank_session_bytes(c, 1, capacity); }

JC_API int32_t jc_model_create(const jc_model_config *c, jc_model **model, jc_error *error) {
  jc_ranks alone = {1, 0, 0, 0, &c->device};
  return jc_model_create_over(c, &alone, model, error);
}

JC_API int32_t jc_model_create_over(const jc_model_config *c, const jc_ranks *ranks, jc_model **model, jc_error *error) {
  char why[256];
  if (c->abi != JC_ABI_VERSION) return fail(error, JC_INVALID, "Another ABI: %d.", c->abi);
  if (!jc_divides(c, ranks->count, why)) return fail(error, JC_UNSUPPORTED, "%s", why);
  if (c->fast_rows && ranks->count > 1) return fail(error, JC_UNSUPPORTED, "Expected one GPU for fast prefill.");
  if (c->fast_rows && !settings[SET_CUBLASLT]) return fail(error, JC_UNSUPPORTED, "Expected cuBLASLt for fast prefill, it was not found.");
  for (int32_t i = 0; i < ranks->count; i++)
    if (ranks->devices[i] < 0 || ranks->devices[i] >= settings[SET_DEVICES]) return fail(error, JC_INVALID, "There is no device %d.", ranks->devices[i]);
  jc_model *m = calloc(1, sizeof *m);
  m->config = *c;
  m->ranks = ranks->count;
  memcpy(m->devices, ranks->devices, sizeof(int32_t) * ranks->count);
  if (!take_ranks(m, jc_rank_bytes(c, m->ranks))) {
    free(m);
    return fail(error, JC_OUT_OF_MEMORY, "The weights take %llu bytes, %llu are free.",
                (unsigned long long)jc_rank_bytes(c, ranks->count), (unsigned long long)free_memory(ranks->devices[0]));
  }
  m->frequencies = malloc(sizeof(float) * c->head_dim / 2);
  memcpy(m->frequencies, c->inverse_frequencies, sizeof(float) * c->head_dim / 2);
  for (int32_t role = 0; role < ROLES; role++) {
    int64_t rows, cols;
    int32_t layers;
    tensor_shape(c, role, &rows, &cols, &layers);
    if (is_expected(c, role)) m->tensors[role] = calloc(layers, sizeof(float *));
  }
  *model = m;
  return JC_OK;
}

/* How a matrix for the logits is held: never in four bits. */
static int32_t output_weights(const jc_model *m) {
  return m->config.weights == JC_INT4 ? JC_INT8 : m->config.weights == JC_Q4_0 ? JC_Q8_0 : m->config.weights;
}

static int is_linear(int32_t role) {
  return role == JC_OUTPUT || (role >= JC_Q && role <= JC_O) || role >= JC_GATE;
}

JC_API int32_t jc_model_put(jc_model *m, int32_t role, int32_t layer, int32_t source, const void *data,
                            int64_t rows, int64_t cols, jc_error *error) {
  int64_t expected_rows, expected_cols;
  int32_t layers;
  tensor_shape(&m->config, role, &expected_rows, &expected_cols, &layers);
  if (role < 0 || role >= ROLES || !m->tensors[role] || layer < 0 || layer >= layers)
    return fail(error, JC_INVALID, "This model has no tensor %d in layer %d.", role, layer);
  if (rows != expected_rows || cols != expected_cols)
    return fail(error, JC_INVALID, "Tensor %d is [%lld, %lld], not [%lld, %lld].", role, (long long)expected_rows,
                (long long)expected_cols, (long long)rows, (long long)cols);
  if (m->tensors[role][layer]) return fail(error, JC_INVALID, "Tensor %d of layer %d was given before.", role, layer);
  if (source < 0 || source > JC_SOURCE_Q4_0 || (source >= JC_SOURCE_Q8_0 && cols % 32)) return fail(error, JC_INVALID, "Not a source: %d.", source);
  float *values = malloc(sizeof(float) * rows * cols);
  for (int64_t i = 0; i < rows * cols; i++) values[i] = given_value(data, source, i);
  int32_t weights = role == JC_OUTPUT ? output_weights(m) : m->config.weights;
  if (is_linear(role) && !holds(weights, source)) round_rows(values, rows, cols, weights);
  if (role == JC_EMBEDDING && m->config.flags & JC_TIED) {
    /* the output matrix is packed from what was given, not from the rounded rows */
    m->tensors[JC_OUTPUT] = calloc(1, sizeof(float *));
    m->tensors[JC_OUTPUT][0] = malloc(sizeof(float) * rows * cols);
    memcpy(m->tensors[JC_OUTPUT][0], values, sizeof(float) * rows * cols);
    if (!holds(output_weights(m), source)) round_rows(m->tensors[JC_OUTPUT][0], rows, cols, output_weights(m));
  }
  if (role == JC_EMBEDDING && source == JC_SOURCE_F32) round_rows(values, rows, cols, JC_BF16);
  m->tensors[role][layer] = values;
  return JC_OK;
}

JC_API int32_t jc_model_synthesize(jc_model *m, uint64_t seed, jc_error *error) {
  (void)error;
  uint64_t state = seed * 2862933555777941757ull + 3037000493ull;
  for (int32_t role = 0; role < ROLES; role++) {
    int64_t rows, cols;
    int32_t layers;
    tensor_shape(&m->config, role, &rows, &cols, &layers);
    for (int32_t layer = 0; m->tensors[role] && layer < layers; layer++) {
      if (m->tensors[role][layer]) continue;
      float *values = m->tensors[role][layer] = malloc(sizeof(float) * rows * cols);
      int is_norm = role == JC_FINAL_NORM || role == JC_ATTENTION_NORM || role == JC_FEED_FORWARD_NORM ||
                    role == JC_Q_NORM || role == JC_K_NORM;
      float spread = role == JC_EMBEDDING ? 1.0f : cols == 1 ? 0.1f : 2.0f / sqrtf((float)cols);
      for (int64_t i = 0; i < rows * cols; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        float uniform = (float)(state >> 40) / 16777216.0f * 2 - 1;
        values[i] = is_norm ? 1 + 0.1f * uniform : spread * uniform;
      }
      if (is_linear(role)) round_rows(values, rows, cols, role == JC_OUTPUT ? output_weights(m) : m->config.weights);
      if (role == JC_EMBEDDING) round_rows(values, rows, cols, JC_BF16);
      if (role == JC_EMBEDDING && m->config.flags & JC_TIED) {
        m->tensors[JC_OUTPUT] = calloc(1, sizeof(float *));
        m->tensors[JC_OUTPUT][0] = malloc(sizeof(float) * rows * cols);
        memcpy(m->tensors[JC_OUTPUT][0], values, sizeof(float) * rows * cols);
        round_rows(m->tensors[JC_OUTPUT][0], rows, cols, output_weights(m));
      }
    }
  }
  return JC_OK;
}

JC_API int32_t jc_model_finish(jc_model *m, jc_error *error) {
  for (int32_t role = 0; role < ROLES; role++) {
    int64_t rows, cols;
    int32_t layers;
    tensor_shape(&m->config, role, &rows, &cols, &layers);
    for (int32_t layer = 0; m->tensors[role] && layer < layers; layer++)
      if (!m->tensors[role][layer]) return fail(error, JC_INVALID, "Tensor %d of layer %d is missing.", role, layer);
  }
  m->finished = 1;
  return JC_OK;
}

JC_API void jc_model_destroy(jc_model *m) {
  if (!m) return;
  runner_end(&m->runner);
  while (m->sessions) jc_session_destroy(m->sessions);
  for (int32_t role = 0; role < ROLES; role++) {
    int64_t rows, cols;
    int32_t layers;
    tensor_shape(&m->config, role, &rows, &cols, &layers);
    for (int32_t layer = 0; m->tensors[role] && layer < layers; layer++) free(m->tensors[role][layer]);
    free(m->tensors[role]);
  }
  for (int32_t id = 0; id < m->term_count; id++)
    if (m->terms[id]) jc_term_destroy(m, id, NULL);
  give_ranks(m, jc_rank_bytes(&m->config, m->ranks));
  free(m->frequencies);
  free(m);
}
