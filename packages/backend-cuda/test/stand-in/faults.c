#include "stand-in.h"

/* Memory in bytes; passes and drafts until one fails; what a row takes; devices; whether the device is lost; the version of cuBLASLt, 0: none. */
int64_t settings[6] = {(int64_t)1 << 30, -1, 0, 1, 0, 130002};
static int64_t used[64];

JC_API void stand_in_set(int32_t what, int64_t value) { settings[what] = value; }

int take_memory(int32_t device, uint64_t bytes) {
  if (__atomic_add_fetch(&used[device], (int64_t)bytes, __ATOMIC_SEQ_CST) <= settings[SET_MEMORY]) return 1;
  give_memory(device, bytes);
  return 0;
}

void give_memory(int32_t device, uint64_t bytes) { __atomic_sub_fetch(&used[device], (int64_t)bytes, __ATOMIC_SEQ_CST); }

uint64_t free_memory(int32_t device) { return (uint64_t)(settings[SET_MEMORY] - __atomic_load_n(&used[device], __ATOMIC_SEQ_CST)); }

int take_ranks(const jc_model *m, uint64_t bytes) {
  for (int32_t i = 0; i < m->ranks; i++) {
    if (take_memory(m->devices[i], bytes)) continue;
    while (i-- > 0) give_memory(m->devices[i], bytes);
    return 0;
  }
  return 1;
}

void give_ranks(const jc_model *m, uint64_t bytes) {
  for (int32_t i = 0; i < m->ranks; i++) give_memory(m->devices[i], bytes);
}
