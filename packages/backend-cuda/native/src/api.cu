// The C ABI: locks, catches, and nothing else.
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "cublaslt.hpp"
#include "group.hpp"

namespace {

using jc::check;
using jc::fail;

template <typename Body> int32_t guarded(jc_error* error, Body body) {
  int code = JC_OK;
  const char* message = "";
  std::string text;
  try {
    body();
  } catch (const jc::Fault& f) {
    code = f.code, text = f.message, message = text.c_str();
  } catch (const std::bad_alloc&) {
    code = JC_OUT_OF_MEMORY, message = "The host has too little free memory.";
  } catch (const std::exception& e) {
    code = JC_DEVICE, text = e.what(), message = text.c_str();
  }
  if (error) {
    error->code = code;
    std::snprintf(error->message, sizeof error->message, "%s", message);
  }
  return code;
}

// One call at a time on a model; its device is the thread's; once it is lost, it stays lost.
template <typename Body> int32_t on_model(jc_model* model, jc_error* error, Body body) {
  return guarded(error, [&] {
    if (!model) fail(JC_INVALID, "Expected a model, got null.");
    std::lock_guard<std::mutex> lock(model->mutex);
    if (model->lost) fail(JC_DEVICE, "The GPU failed earlier under this model: destroy it and open it again.");
    check(cudaSetDevice(model->config.device), "choosing the GPU");
    try {
      body();
    } catch (const jc::Fault& f) {
      if (f.code == JC_DEVICE) model->lost = true;
      throw;
    }
  });
}

void expect(const void* pointer, const char* name) {
  if (!pointer) fail(JC_INVALID, "Expected `%s`, got null.", name);
}
void expect_finished(const jc_model* m) {
  if (!m->finished) fail(JC_INVALID, "Call jc_model_finish first.");
}

void run_call(void* owner, jc_call* call) {
  auto* model = static_cast<jc_model*>(owner);
  call->gpu_nanoseconds = 0;
  call->code = on_model(model, call->error, [&] {
    expect_finished(model);
    expect(call->passes, "passes");
    if (call->timed) model->stopwatch.start(model->stream);
    if (call->kind == JC_CALL_FORWARD) {
      expect(call->outputs, "outputs");
      jc::forward(*model, call->passes, call->pass_count, *call->outputs, call->abort);
    } else if (call->kind == JC_CALL_PROPOSE) {
      expect(call->propose, "propose");
      jc::propose(*model, *call->passes, *call->propose, call->abort);
    } else if (call->kind == JC_CALL_VERIFY) {
      expect(call->verify, "verify");
      expect(call->outputs, "outputs");
      jc::verify(*model, *call->passes, *call->outputs, *call->verify, call->abort);
    } else {
      fail(JC_INVALID, "Expected `kind` to be one of enum jc_call_kind, got %d.", call->kind);
    }
    if (call->timed) call->gpu_nanoseconds = model->stopwatch.nanoseconds();
  });
}

} // namespace

extern "C" {

int32_t jc_abi_version(void) { return JC_ABI_VERSION; }

#ifndef JC_BUILD
#define JC_BUILD "development"
#endif
const char* jc_build(void) { return "judge_cuda " JC_BUILD; }

int32_t jc_device_count(int32_t* count, jc_error* error) {
  return guarded(error, [&] {
    expect(count, "count");
    int n = 0;
    check(cudaGetDeviceCount(&n), "looking for GPUs");
    *count = n;
  });
}

int32_t jc_device_query(int32_t device, jc_device_info* info, jc_error* error) {
  return guarded(error, [&] {
    expect(info, "info");
    std::memset(info, 0, sizeof *info);
    cudaDeviceProp p;
    check(cudaGetDeviceProperties(&p, device), "asking for its properties");
    std::snprintf(info->name, sizeof info->name, "%.127s", p.name);
    info->compute_major = p.major, info->compute_minor = p.minor, info->multiprocessors = p.multiProcessorCount;
    info->memory_bus_bits = p.memoryBusWidth;
    const auto attribute = [&](cudaDeviceAttr a) {
      int v = 0;
      check(cudaDeviceGetAttribute(&v, a, device), "asking for its properties");
      return v;
    };
    info->clock_khz = attribute(cudaDevAttrClockRate), info->memory_clock_khz = attribute(cudaDevAttrMemoryClockRate);
    check(cudaDriverGetVersion(&info->driver_version), "asking for the driver's version");
    check(cudaSetDevice(device), "choosing the GPU");
    size_t available = 0, total = 0;
    check(cudaMemGetInfo(&available, &total), "asking for its memory");
    info->memory_free = available, info->memory_total = total;
  });
}

int32_t jc_cublaslt_version(int32_t* version, jc_error* error) {
  return guarded(error, [&] {
    expect(version, "version");
    *version = jc::cublaslt_version();
  });
}

int32_t jc_measure_bandwidth(int32_t device, double* read, double* copied, jc_error* error) {
  return guarded(error, [&] {
    expect(read, "read");
    expect(copied, "copied");
    check(cudaSetDevice(device), "choosing the GPU");
    const size_t bytes = 1ull << 30;
    int processors = 0;
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "asking for its multiprocessors");
    jc::DeviceBuffer a(bytes, "a measurement"), b(bytes, "a measurement"), sink(4, "a measurement");
    check(cudaMemset(a.as<void>(), 1, bytes), "clearing memory");
    cudaEvent_t begin, end;
    check(cudaEventCreate(&begin), "making an event");
    check(cudaEventCreate(&end), "making an event");
    const auto best = [&](auto work) {
      float least = 1e9f;
      for (int i = 0; i < 8; i++) {
        cudaEventRecord(begin);
        work();
        cudaEventRecord(end);
        check(cudaEventSynchronize(end), "measuring");
        float ms = 0;
        cudaEventElapsedTime(&ms, begin, end);
        least = ms < least ? ms : least;
      }
      return least * 1e-3;
    };
    *read = bytes / best([&] { check(jc::run_read(a.as<void>(), bytes, sink.as<uint32_t>(), processors * 4, nullptr), "measuring"); });
    *copied = 2.0 * bytes / best([&] { check(cudaMemcpyAsync(b.as<void>(), a.as<void>(), bytes, cudaMemcpyDeviceToDevice), "measuring"); });
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
  });
}

uint64_t jc_model_bytes(const jc_model_config* config) {
  uint64_t bytes = 0;
  guarded(nullptr, [&] { bytes = jc::model_bytes(*config); });
  return bytes;
}
uint64_t jc_session_bytes(const jc_model_config* config, int32_t capacity) {
  uint64_t bytes = 0;
  guarded(nullptr, [&] { jc::check_config(*config), bytes = jc::session_bytes(*config, capacity); });
  return bytes;
}

int32_t jc_model_create(const jc_model_config* config, jc_model** model, jc_error* error) {
  return guarded(error, [&] {
    expect(config, "config");
    expect(model, "model");
    expect(config->inverse_frequencies, "inverse_frequencies");
    *model = nullptr;
    *model = jc::create_model(*config);
  });
}

uint64_t jc_rank_bytes(const jc_model_config* config, int32_t ranks) {
  uint64_t bytes = 0;
  guarded(nullptr, [&] { bytes = jc::rank_bytes(*config, ranks); });
  return bytes;
}
uint64_t jc_rank_session_bytes(const jc_model_config* config, int32_t ranks, int32_t capacity) {
  uint64_t bytes = 0;
  guarded(nullptr, [&] { jc::check_config(*config), bytes = jc::rank_session_bytes(*config, ranks, capacity); });
  return bytes;
}

int32_t jc_model_create_over(const jc_model_config* config, const jc_ranks* ranks, jc_model** model, jc_error* error) {
  return guarded(error, [&] {
    expect(config, "config");
    expect(ranks, "ranks");
    expect(model, "model");
    expect(config->inverse_frequencies, "inverse_frequencies");
    *model = nullptr;
    *model = jc::create_group(*config, *ranks);
  });
}

int32_t jc_model_put(jc_model* model, int32_t tensor, int32_t layer, int32_t source, const void* data, int64_t rows, int64_t cols, jc_error* error) {
  return on_model(model, error, [&] {
    expect(data, "data");
    if (model->finished) fail(JC_INVALID, "The model is finished: it takes no more tensors.");
    jc::put_tensor(*model, tensor, layer, source, data, rows, cols);
  });
}

int32_t jc_model_synthesize(jc_model* model, uint64_t seed, jc_error* error) {
  return on_model(model, error, [&] { jc::synthesize(*model, seed); });
}

int32_t jc_model_finish(jc_model* model, jc_error* error) {
  return on_model(model, error, [&] { jc::finish_model(*model); });
}

void jc_model_destroy(jc_model* model) { delete model; }

int32_t jc_measure_all_reduce(jc_model* model, int32_t rows, double* microseconds, jc_error* error) {
  return on_model(model, error, [&] {
    expect(microseconds, "microseconds");
    expect_finished(model);
    *microseconds = jc::measure_all_reduce(*model, rows);
  });
}

int32_t jc_term_create(jc_model* model, const float* weights, int32_t* id, jc_error* error) {
  return on_model(model, error, [&] {
    expect(weights, "weights");
    expect(id, "id");
    const size_t bytes = model->config.hidden * sizeof(float);
    jc::DeviceBuffer buffer(bytes, "a judge term");
    check(cudaMemcpy(buffer.as<void>(), weights, bytes, cudaMemcpyHostToDevice), "placing a judge term");
    *id = model->next_term++;
    model->terms.emplace(*id, std::move(buffer));
  });
}

int32_t jc_term_destroy(jc_model* model, int32_t id, jc_error* error) {
  return on_model(model, error, [&] {
    if (!model->terms.erase(id)) fail(JC_INVALID, "There is no judge term %d.", id);
  });
}

int32_t jc_session_create(jc_model* model, int32_t capacity, jc_session** session, jc_error* error) {
  return on_model(model, error, [&] {
    expect(session, "session");
    expect_finished(model);
    *session = nullptr;
    *session = jc::create_session(*model, capacity);
  });
}

void jc_session_destroy(jc_session* session) {
  if (!session) return;
  jc_model* model = session->model;
  std::lock_guard<std::mutex> lock(model->mutex);
  if (!model->sessions.erase(session)) return;
  cudaSetDevice(model->config.device);
  delete session;
}

int32_t jc_forward(jc_model* model, const jc_pass* passes, int32_t pass_count, const jc_outputs* outputs, const volatile int32_t* abort, jc_error* error) {
  return on_model(model, error, [&] {
    expect_finished(model);
    expect(outputs, "outputs");
    jc::forward(*model, passes, pass_count, *outputs, abort);
  });
}

int32_t jc_propose_draft(jc_model* model, const jc_pass* pass, jc_propose* propose, const volatile int32_t* abort, jc_error* error) {
  return on_model(model, error, [&] {
    expect_finished(model);
    expect(pass, "pass");
    expect(propose, "propose");
    jc::propose(*model, *pass, *propose, abort);
  });
}

int32_t jc_verify_round(jc_model* model, const jc_pass* pass, const jc_outputs* outputs, jc_verify* verify, const volatile int32_t* abort, jc_error* error) {
  return on_model(model, error, [&] {
    expect_finished(model);
    expect(pass, "pass");
    expect(outputs, "outputs");
    expect(verify, "verify");
    jc::verify(*model, *pass, *outputs, *verify, abort);
  });
}

int32_t jc_draft_probs(jc_model* model, const jc_session* session, int32_t rows, double* probs, jc_error* error) {
  return on_model(model, error, [&] {
    expect(probs, "probs");
    if (!model->sessions.count(const_cast<jc_session*>(session))) fail(JC_INVALID, "Expected a session of this model.");
    jc::kept_probs(*model, *session, rows, probs);
  });
}

int32_t jc_start(jc_model* model, jc_call* call, jc_error* error) {
  return guarded(error, [&] {
    expect(model, "model");
    expect(call, "call");
    if (!model->runner.alive) {
      const int failed = runner_begin(&model->runner, run_call, model);
      if (failed) fail(JC_OUT_OF_MEMORY, "The system gives no thread (error %d).", failed);
    }
    if (!runner_start(&model->runner, call)) fail(JC_INVALID, "Expected at most %d calls to be under way, got one more.", JC_RUNNER_ROOM);
  });
}

void jc_wait(jc_model* model, jc_call* call) { runner_wait(&model->runner, call); }

int32_t jc_debug_packed(jc_model* model, int32_t tensor, int32_t layer, void* packed, uint64_t* bytes, jc_error* error) {
  return on_model(model, error, [&] {
    expect(bytes, "bytes");
    *bytes = jc::packed_copy(*model, tensor, layer, packed);
  });
}

int32_t jc_debug_residual(jc_model* model, int32_t rank, int32_t rows, float* residual, jc_error* error) {
  return on_model(model, error, [&] {
    expect(residual, "residual");
    jc::residual_of(*model, rank, rows, residual);
  });
}

int32_t jc_debug_mute(jc_model* model, int32_t rank, jc_error* error) {
  return on_model(model, error, [&] { jc::mute(*model, rank); });
}

} // extern "C"
