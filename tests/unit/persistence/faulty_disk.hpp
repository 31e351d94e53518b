#pragma once

#include <cstddef>

namespace weappd {

/// A disk that can fail, under every SQLite file that is opened while it exists. It counts what SQLite does
/// to the disk, and answers as a full or a broken one when told so. One at a time.
class faulty_disk {
public:
  faulty_disk();
  ~faulty_disk();
  faulty_disk(const faulty_disk&) = delete;
  faulty_disk& operator=(const faulty_disk&) = delete;

  /// Writes are answered with "disk full", after this many more have worked.
  void fill_up(std::size_t after_writes = 0);
  /// Syncs are answered with an I/O error: what was written may not be durable.
  void break_syncs();
  /// Writes are answered with an I/O error.
  void break_writes();
  /// Everything works again.
  void repair();

  [[nodiscard]] std::size_t writes() const;
  [[nodiscard]] std::size_t syncs() const;
};

} // namespace weappd
