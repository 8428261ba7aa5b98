# shellcheck shell=sh disable=SC2154
# What slurmctld knows, through scontrol(1) and squeue(1), and the files of job templates. slurm_say stands in sacctmgr.sh.

# slurm_controller: configuration, partitions and nodes. Where slurmctld does not answer, it is asked once: every question
# would wait for it.
slurm_controller() {
  printf 'controller\0'
  tl_config=$(slurm_hear timeout 6 scontrol show config)
  if [ "${tl_config##*
}" = 0 ]; then
    printf 'config\0%s\0' "$tl_config"
    slurm_say partitions timeout 10 scontrol -o -a show partition
    slurm_say nodes timeout 10 scontrol -o -a show node
  fi
}

# slurm_jobs: every job that is not over: number, state, user, account, QoS, partition, nodes.
slurm_jobs() { slurm_say jobs timeout 10 squeue -h -a -o '%A|%T|%u|%a|%q|%P|%N'; }

# slurm_templates PATH...: which of them are not there; what the others are; digests of those that can be read. It starts two
# processes, however many paths it gets.
slurm_templates() {
  printf 'templates\0'
  for tl_path; do
    if [ ! -e "$tl_path" ] && [ ! -L "$tl_path" ]; then printf '%s\0absent\0' "$tl_path"; fi
  done
  stat --printf='%n\0%F|%U|%G|%a|%h\0' -- "$@" 2>/dev/null
  printf 'digests\0'
  sha256sum -z -- "$@" 2>/dev/null
  return 0
}

# slurm_texts PATH...: their beginnings, for people to compare.
slurm_texts() {
  printf 'texts\0'
  for tl_path; do
    printf '%s\0' "$tl_path"
    head -c 200000 -- "$tl_path" 2>/dev/null | tr -d '\0'
    printf '\0'
  done
}
