#pragma once

#include "http/daemon/extension.hpp"

namespace weappd {

/// The program: reads the command line and runs what it names. Exit codes: 0 done, 1 it failed while running
/// (the port is taken, the store cannot be opened), 2 the command line or the configuration is wrong. A
/// program of yours is this one with your extension.
int run_command_line(int argc, char** argv, const extension& with = {});

} // namespace weappd
