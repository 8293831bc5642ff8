#include "nccl.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>

#include "fault.hpp"

namespace jc {
namespace {

constexpr const char* kName = "libnccl.so.2";

// What is used of nccl.h, which is the same since NCCL 2.0; results other than 0 are failures.
using Communicator = struct NcclCommunicator*;
constexpr int kBytes = 1; // ncclUint8

struct Library {
  void* handle = nullptr;
  int (*init_all)(Communicator*, int, const int*) = nullptr;
  int (*all_gather)(const void*, void*, size_t, int, Communicator, cudaStream_t) = nullptr;
  int (*destroy)(Communicator) = nullptr;
  int (*abort)(Communicator) = nullptr;
  const char* (*say)(int) = nullptr;

  explicit Library(const std::string& name) : handle(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    find("ncclCommInitAll", init_all), find("ncclAllGather", all_gather), find("ncclCommDestroy", destroy), find("ncclCommAbort", abort), find("ncclGetErrorString", say);
  }
  bool whole() const { return init_all && all_gather && destroy && abort && say; }
  template <typename Function> void find(const char* name, Function& function) {
    if (handle) function = reinterpret_cast<Function>(dlsym(handle, name));
  }
};

class Communicators : public Nccl {
 public:
  Communicators(Library library, const std::vector<int>& devices) : library_(library), all_(devices.size()) {
    check_result(library_.init_all(all_.data(), static_cast<int>(devices.size()), devices.data()), "making communicators");
  }
  ~Communicators() override {
    if (given_up_) return; // aborted ones are gone; the library stays loaded, as libraries with threads of their own must
    for (Communicator c : all_) library_.destroy(c);
  }
  void gather(int rank, void* base, size_t bytes, cudaStream_t stream) override {
    auto* all = static_cast<uint8_t*>(base);
    check_result(library_.all_gather(all + rank * bytes, all, bytes, kBytes, all_[rank], stream), "handing sums on");
  }
  void give_up() override {
    if (given_up_.exchange(true)) return;
    for (Communicator c : all_) library_.abort(c);
  }

 private:
  Library library_;
  std::vector<Communicator> all_;
  std::atomic<bool> given_up_{false};

  void check_result(int result, const char* doing) const {
    if (result != 0) fail(JC_DEVICE, "NCCL failed while %s: %s.", doing, library_.say(result));
  }
};

} // namespace

std::string nccl_asked_for() {
  const char* asked = std::getenv("JUDGE_CUDA_NCCL");
  if (!asked || !*asked || std::string(asked) == "0") return "";
  return std::string(asked) == "1" ? kName : asked;
}

std::unique_ptr<Nccl> nccl_over(const std::vector<int>& devices, const std::string& why) {
  const std::string asked = nccl_asked_for(), name = asked.empty() ? kName : asked;
  Library library(name);
  if (!library.whole())
    fail(JC_UNSUPPORTED, "%sNCCL (%s) %s. Install it (the package libnccl2, or Python's nvidia-nccl), or name its file with JUDGE_CUDA_NCCL.", why.c_str(), name.c_str(),
         library.handle ? "lacks functions that are needed" : "was not found");
  return std::make_unique<Communicators>(library, devices);
}

} // namespace jc
