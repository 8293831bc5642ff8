#include "stand-in.h"

#include <math.h>
#include <string.h>

/* Rows and columns of a tensor, and how many layers have one. */
void tensor_shape(const jc_model_config *c, int32_t role, int64_t *rows, int64_t *cols, int32_t *layers) {
  int64_t queries = (int64_t)c->heads * c->head_dim, keys = (int64_t)c->kv_heads * c->head_dim;
  *layers = role <= JC_FINAL_NORM ? 1 : c->layers;
  *cols = 1;
  switch (role) {
    case JC_EMBEDDING: case JC_OUTPUT: *rows = c->vocab_rows; *cols = c->hidden; break;
    case JC_Q: *rows = queries; *cols = c->hidden; break;
    case JC_K: case JC_V: *rows = keys; *cols = c->hidden; break;
    case JC_O: *rows = c->hidden; *cols = queries; break;
    case JC_GATE: case JC_UP: *rows = c->feed_forward; *cols = c->hidden; break;
    case JC_DOWN: *rows = c->hidden; *cols = c->feed_forward; break;
    case JC_Q_BIAS: *rows = queries; break;
    case JC_K_BIAS: case JC_V_BIAS: *rows = keys; break;
    case JC_Q_NORM: case JC_K_NORM: *rows = c->head_dim; break;
    default: *rows = c->hidden;
  }
}

int is_expected(const jc_model_config *c, int32_t role) {
  switch (role) {
    case JC_OUTPUT: return !(c->flags & JC_TIED);
    case JC_Q_BIAS: return (c->flags & JC_Q_HAS_BIAS) != 0;
    case JC_K_BIAS: return (c->flags & JC_K_HAS_BIAS) != 0;
    case JC_V_BIAS: return (c->flags & JC_V_HAS_BIAS) != 0;
    case JC_O_BIAS: return (c->flags & JC_O_HAS_BIAS) != 0;
    case JC_Q_NORM: case JC_K_NORM: return (c->flags & JC_QK_NORM) != 0;
    default: return 1;
  }
}

float bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  memcpy(&value, &bits, 4);
  return value;
}

float half_to_float(uint16_t bits) {
  int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  float size = exponent == 0 ? ldexpf((float)fraction, -24) : ldexpf(1.0f + fraction / 1024.0f, exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/* The nearest half-precision number, as a float; for what is neither huge nor negative. */
float float_to_half(float value) {
  if (value == 0) return 0;
  int exponent;
  frexpf(value, &exponent);
  if (exponent - 1 < -14) exponent = -13;
  float spacing = ldexpf(1.0f, exponent - 1 - 10);
  return rintf(value / spacing) * spacing;
}

static float e4m3(float value) {
  float size = fabsf(value);
  if (size == 0) return 0;
  int exponent;
  frexpf(size, &exponent);
  if (exponent - 1 < -6) exponent = -5;
  float spacing = ldexpf(1.0f, exponent - 1 - 3);
  float rounded = fminf(448.0f, rintf(size / spacing) * spacing);
  return value < 0 ? -rounded : rounded;
}

/* Value `i` of what the caller hands over. */
float given_value(const void *data, int32_t source, int64_t i) {
  if (source == JC_SOURCE_F32) return ((const float *)data)[i];
  if (source == JC_SOURCE_F16) return half_to_float(((const uint16_t *)data)[i]);
  if (source == JC_SOURCE_BF16) {
    uint32_t bits = (uint32_t)((const uint16_t *)data)[i] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
  }
  const uint8_t *block = (const uint8_t *)data + i / 32 * (source == JC_SOURCE_Q8_0 ? 34 : 18);
  int at = (int)(i % 32), step = source == JC_SOURCE_Q8_0 ? (int8_t)block[2 + at] : (at < 16 ? block[2 + at] & 15 : block[2 + at - 16] >> 4) - 8;
  return half_to_float((uint16_t)(block[0] | block[1] << 8)) * step;
}

/* Whether `weights` holds what is stored so as it is. */
int holds(int32_t weights, int32_t source) {
  return (weights == JC_BF16 && source == JC_SOURCE_BF16) || (weights == JC_F16 && source == JC_SOURCE_F16) || (weights == JC_Q4_0 && source == JC_SOURCE_Q4_0) ||
         (weights == JC_Q8_0 && source >= JC_SOURCE_Q8_0);
}

/* What is left of rows that are held as `weights` says. */
void round_rows(float *values, int64_t rows, int64_t cols, int32_t weights) {
  if (weights == JC_BF16 || weights == JC_F16) {
    for (int64_t i = 0; i < rows * cols; i++) values[i] = weights == JC_BF16 ? bf16(values[i]) : copysignf(float_to_half(fabsf(values[i])), values[i]);
    return;
  }
  float largest = weights == JC_INT8 || weights == JC_Q8_0 ? 127.0f : weights == JC_FP8 ? 448.0f : 8.0f;
  int four = weights == JC_INT4 || weights == JC_Q4_0; /* the value of the largest magnitude is -8 */
  int64_t width = weights == JC_INT4 ? 128 : weights >= JC_Q8_0 ? 32 : cols;
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t from = 0; from < cols; from += width) {
      int64_t end = from + width < cols ? from + width : cols;
      float *part = values + row * cols, high = 0, low = 0;
      for (int64_t i = from; i < end; i++) high = fmaxf(high, part[i]), low = fminf(low, part[i]);
      float scale = fmaxf(high, -low) / largest;
      if (weights == JC_INT4 || weights >= JC_Q8_0) scale = float_to_half(scale);
      if (four && high >= -low) scale = -scale;
      for (int64_t i = from; i < end; i++) {
        float step = scale == 0 ? 0 : part[i] / scale;
        step = weights == JC_FP8 ? e4m3(step) : fmaxf(-largest, fminf(four ? 7.0f : largest, rintf(step)));
        part[i] = step * scale;
      }
    }
  }
}
