#include "http/daemon/commands.hpp"

int main(int argc, char** argv) {
  return weappd::run_command_line(argc, argv);
}
