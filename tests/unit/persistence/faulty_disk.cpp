#include "faulty_disk.hpp"

#include <atomic>
#include <limits>

#include <sqlite3.h>

// SQLite reaches the disk through a table of functions (a VFS), and each open file through another one. We
// copy the tables of the standard VFS and put our functions in the place of open, write and sync.
namespace weappd {
namespace {

constexpr auto never = std::numeric_limits<std::size_t>::max();

/// The functions of one kind of file: database and log have different ones.
struct watched_files {
  const sqlite3_io_methods* original = nullptr;
  sqlite3_io_methods ours{};
};

struct disk_state {
  sqlite3_vfs* original = nullptr;
  sqlite3_vfs vfs{};
  watched_files databases;
  watched_files logs;
  std::atomic<std::size_t> writes_left = never;
  std::atomic<bool> writes_fail = false;
  std::atomic<bool> syncs_fail = false;
  std::atomic<std::size_t> writes = 0;
  std::atomic<std::size_t> syncs = 0;
};

/// SQLite gives our functions no place for a pointer of ours.
disk_state& disk() {
  static disk_state state;
  return state;
}

const sqlite3_io_methods* original_of(const sqlite3_file* file) {
  return file->pMethods == &disk().logs.ours ? disk().logs.original : disk().databases.original;
}

int faulty_write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  auto& state = disk();
  if (state.writes_fail)
    return SQLITE_IOERR_WRITE;
  if (state.writes_left == 0)
    return SQLITE_FULL;
  if (state.writes_left != never)
    --state.writes_left;
  ++state.writes;
  return original_of(file)->xWrite(file, bytes, size, offset);
}

int faulty_sync(sqlite3_file* file, int flags) {
  auto& state = disk();
  if (state.syncs_fail)
    return SQLITE_IOERR_FSYNC;
  ++state.syncs;
  return original_of(file)->xSync(file, flags);
}

void watch(sqlite3_file* file, watched_files& kind) {
  if (kind.original == nullptr) {
    kind.original = file->pMethods;
    kind.ours = *file->pMethods;
    kind.ours.xWrite = faulty_write;
    kind.ours.xSync = faulty_sync;
  }
  if (file->pMethods == kind.original) // any other one would be a file that this disk cannot fail
    file->pMethods = &kind.ours;
}

int faulty_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto& state = disk();
  const int result = state.original->xOpen(state.original, name, file, flags, out_flags);
  if (result != SQLITE_OK || file->pMethods == nullptr)
    return result;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
    watch(file, state.databases);
  else if ((flags & SQLITE_OPEN_WAL) != 0)
    watch(file, state.logs);
  return result;
}

} // namespace

faulty_disk::faulty_disk() {
  auto& state = disk();
  repair();
  state.writes = 0;
  state.syncs = 0;
  state.original = sqlite3_vfs_find(nullptr);
  state.vfs = *state.original;
  state.vfs.zName = "faulty";
  state.vfs.pNext = nullptr;
  state.vfs.xOpen = faulty_open;
  sqlite3_vfs_register(&state.vfs, 1);
}

faulty_disk::~faulty_disk() {
  repair();
  sqlite3_vfs_unregister(&disk().vfs);
  sqlite3_vfs_register(disk().original, 1);
}

void faulty_disk::fill_up(std::size_t after_writes) {
  disk().writes_left = after_writes;
}
void faulty_disk::break_syncs() {
  disk().syncs_fail = true;
}
void faulty_disk::break_writes() {
  disk().writes_fail = true;
}
void faulty_disk::repair() {
  disk().writes_left = never;
  disk().writes_fail = false;
  disk().syncs_fail = false;
}

std::size_t faulty_disk::writes() const {
  return disk().writes;
}
std::size_t faulty_disk::syncs() const {
  return disk().syncs;
}

} // namespace weappd
