#pragma once

namespace weappd {

/// The program: reads the command line and runs what it names. Exit codes: 0 done, 1 it failed while running
/// (the port is taken, the store cannot be opened), 2 the command line or the configuration is wrong.
int run_command_line(int argc, char** argv);

} // namespace weappd
