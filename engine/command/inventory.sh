# shellcheck shell=sh disable=SC2154
# What a host has, for a starter manifest. Reads and nothing else; the commands are there on every host we can manage.

# init_facts: cpus, memory in MiB, GPUs, then the images that lie in the usual folders.
init_facts() {
  printf '%s\0' "$(nproc)"
  tl_memory=0
  while read -r tl_key tl_value tl_unit; do
    if [ "$tl_key" = MemTotal: ] && [ "$tl_unit" = kB ]; then tl_memory=$((tl_value / 1024)); fi
  done </proc/meminfo
  printf '%s\0' "$tl_memory"
  tl_gpus=0
  for tl_gpu in /dev/nvidia[0-9]*; do
    if [ -e "$tl_gpu" ]; then tl_gpus=$((tl_gpus + 1)); fi
  done
  printf '%s\0' "$tl_gpus"
  for tl_image in /opt/apptainers/*.sif /opt/apptainers/apps/*/*.sif /scratch/apptainers/*.sif; do
    if [ -f "$tl_image" ]; then printf '%s\0' "$tl_image"; fi
  done
}

# init_directories PATH...: owner, group and mode of those that are directories.
init_directories() {
  for tl_path; do
    if [ -d "$tl_path" ] && [ ! -L "$tl_path" ]; then set -- "$@" "$tl_path"; fi
    shift
  done
  if [ $# -gt 0 ]; then stat --printf='%n\0%U\0%G\0%a\0' -- "$@"; fi
}
