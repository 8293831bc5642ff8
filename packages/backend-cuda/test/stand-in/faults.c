#include "stand-in.h"

/* Memory in bytes; forwards until one fails; what a row takes; devices; whether the device is lost. */
int64_t settings[5] = {(int64_t)1 << 30, -1, 0, 1, 0};
static int64_t used;

JC_API void stand_in_set(int32_t what, int64_t value) { settings[what] = value; }

int take_memory(uint64_t bytes) {
  if (__atomic_add_fetch(&used, (int64_t)bytes, __ATOMIC_SEQ_CST) <= settings[SET_MEMORY]) return 1;
  give_memory(bytes);
  return 0;
}

void give_memory(uint64_t bytes) { __atomic_sub_fetch(&used, (int64_t)bytes, __ATOMIC_SEQ_CST); }

uint64_t free_memory(void) { return (uint64_t)(settings[SET_MEMORY] - __atomic_load_n(&used, __ATOMIC_SEQ_CST)); }
