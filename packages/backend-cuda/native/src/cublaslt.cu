#include "cublaslt.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "fault.hpp"

namespace jc {
namespace {

constexpr const char* kNames[] = {"libcublasLt.so.13", "libcublasLt.so.12"};
constexpr size_t kOldest = 120000;

// What is used of cublasLt.h, which is the same in 12 and 13; results other than 0 are failures.
using Handle = struct LtHandle*;
using Description = struct LtDescription*;
using Layout = struct LtLayout*;
using Preference = struct LtPreference*;
struct Algorithm {
  uint64_t data[8];
};
struct Found { // cublasLtMatmulHeuristicResult_t
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(Found) == 96, "as cublasLt.h has it");
constexpr int kFloat32 = 0, kBf16 = 14;  // cudaDataType
constexpr int kComputeFloat32 = 68;      // CUBLAS_COMPUTE_32F
constexpr int kTransposeFirst = 3;       // CUBLASLT_MATMUL_DESC_TRANSA
constexpr int kTransposed = 1;           // CUBLAS_OP_T
constexpr int kMostWorkspace = 1;        // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES

struct Library {
  std::string name;
  void* handle = nullptr;
  size_t (*version)() = nullptr;
  const char* (*say)(int) = nullptr;
  int (*create)(Handle*) = nullptr;
  int (*destroy)(Handle) = nullptr;
  int (*describe)(Description*, int, int) = nullptr;
  int (*set)(Description, int, const void*, size_t) = nullptr;
  int (*forget)(Description) = nullptr;
  int (*lay_out)(Layout*, int, uint64_t, uint64_t, int64_t) = nullptr;
  int (*forget_layout)(Layout) = nullptr;
  int (*prefer)(Preference*) = nullptr;
  int (*set_preference)(Preference, int, const void*, size_t) = nullptr;
  int (*forget_preference)(Preference) = nullptr;
  int (*choose)(Handle, Description, Layout, Layout, Layout, Layout, Preference, int, Found*, int*) = nullptr;
  int (*multiply)(Handle, Description, const void*, const void*, Layout, const void*, Layout, const void*, const void*, Layout, void*, Layout, const Algorithm*, void*, size_t, cudaStream_t) = nullptr;

  explicit Library(const std::string& file) : name(file), handle(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    find("cublasLtGetVersion", version), find("cublasLtGetStatusString", say), find("cublasLtCreate", create), find("cublasLtDestroy", destroy);
    find("cublasLtMatmulDescCreate", describe), find("cublasLtMatmulDescSetAttribute", set), find("cublasLtMatmulDescDestroy", forget);
    find("cublasLtMatrixLayoutCreate", lay_out), find("cublasLtMatrixLayoutDestroy", forget_layout);
    find("cublasLtMatmulPreferenceCreate", prefer), find("cublasLtMatmulPreferenceSetAttribute", set_preference), find("cublasLtMatmulPreferenceDestroy", forget_preference);
    find("cublasLtMatmulAlgoGetHeuristic", choose), find("cublasLtMatmul", multiply);
  }
  bool whole() const {
    return version && say && create && destroy && describe && set && forget && lay_out && forget_layout && prefer && set_preference && forget_preference && choose && multiply;
  }
  template <typename Function> void find(const char* symbol, Function& function) {
    if (handle) function = reinterpret_cast<Function>(dlsym(handle, symbol));
  }
};

// The environment's, else the newest that is there. It stays loaded.
Library library() {
  const char* asked = std::getenv("JUDGE_CUDA_CUBLASLT");
  Library found(asked && *asked ? asked : kNames[0]);
  if (!found.handle && !(asked && *asked)) found = Library(kNames[1]);
  const char* way = "install it (CUDA's cuBLAS, or Python's nvidia-cublas), name its file with JUDGE_CUDA_CUBLASLT, or read prompts exactly";
  const char* said = asked && *asked ? asked : "libcublasLt.so.13 or .12";
  if (!found.whole())
    fail(JC_UNSUPPORTED, "Expected cuBLASLt (%s) for fast prefill, it %s: %s.", said, found.handle ? "lacks functions that are needed" : "was not found", way);
  if (found.version() < kOldest)
    fail(JC_UNSUPPORTED, "Expected cuBLASLt of version 12.0 or newer for fast prefill, got %zu (%s): %s.", found.version(), found.name.c_str(), way);
  return found;
}

class Cublaslt : public MatrixLibrary {
 public:
  Cublaslt() : library_(library()) {
    check_result(library_.create(&handle_), "starting");
    const int transposed = kTransposed;
    check_result(library_.describe(&description_, kComputeFloat32, kFloat32), "describing a product");
    check_result(library_.set(description_, kTransposeFirst, &transposed, sizeof transposed), "describing a product");
  }
  ~Cublaslt() override {
    for (auto& [shape, plan] : plans_)
      for (Layout layout : {plan.weights, plan.x, plan.out})
        if (layout) library_.forget_layout(layout);
    if (description_) library_.forget(description_);
    if (handle_) library_.destroy(handle_);
  }
  void multiply(const void* weights, const void* x, float* out, int rows, int outputs, int inputs, void* workspace, cudaStream_t stream) override {
    const Plan& plan = plan_for(rows, outputs, inputs);
    const float one = 1, none = 0;
    check_result(library_.multiply(handle_, description_, &one, weights, plan.weights, x, plan.x, &none, out, plan.out, out, plan.out, &plan.algorithm, workspace, kWorkspace, stream), "multiplying");
  }

 private:
  // Row-major matrices are its column-major ones transposed: out^T[outputs, rows] = weights^T^T x^T.
  struct Plan {
    Layout weights = nullptr, x = nullptr, out = nullptr;
    Algorithm algorithm{};
  };
  Library library_;
  Handle handle_ = nullptr;
  Description description_ = nullptr;
  std::map<std::array<int, 3>, Plan> plans_;

  void check_result(int result, const char* doing) const {
    if (result != 0) fail(JC_DEVICE, "cuBLASLt failed while %s: %s.", doing, library_.say(result));
  }

  // Asking which algorithm is best costs some 50 us: once a shape.
  const Plan& plan_for(int rows, int outputs, int inputs) {
    const std::array<int, 3> shape{rows, outputs, inputs};
    if (const auto known = plans_.find(shape); known != plans_.end() && known->second.out) return known->second;
    Plan& plan = plans_[shape];
    check_result(library_.lay_out(&plan.weights, kBf16, inputs, outputs, inputs), "describing a product");
    check_result(library_.lay_out(&plan.x, kBf16, inputs, rows, inputs), "describing a product");
    Layout out = nullptr;
    check_result(library_.lay_out(&out, kFloat32, outputs, rows, outputs), "describing a product");
    Preference preference = nullptr;
    check_result(library_.prefer(&preference), "choosing an algorithm");
    const size_t most = kWorkspace;
    Found best{};
    int count = 0, result = library_.set_preference(preference, kMostWorkspace, &most, sizeof most);
    if (result == 0) result = library_.choose(handle_, description_, plan.weights, plan.x, out, out, preference, 1, &best, &count);
    library_.forget_preference(preference);
    if (result == 0 && count > 0) result = best.state;
    if (result != 0 || count == 0) library_.forget_layout(out);
    check_result(result, "choosing an algorithm");
    if (count == 0) fail(JC_UNSUPPORTED, "cuBLASLt has no product of [%d, %d] and [%d, %d]: read prompts exactly.", rows, inputs, outputs, inputs);
    plan.algorithm = best.algorithm, plan.out = out;
    return plan;
  }
};

} // namespace

int cublaslt_version() { return static_cast<int>(library().version()); }
std::unique_ptr<MatrixLibrary> cublaslt() { return std::make_unique<Cublaslt>(); }

} // namespace jc
