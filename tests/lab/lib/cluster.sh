# shellcheck shell=bash
# What the hosts are together: one slurm.conf, one /home, and accounts once Slurm answers.

slurm_conf_write() { # number of compute nodes
  local compute=node001
  (($1 == 1)) || compute=$(printf 'node[001-%03d]' "$1")
  sed "s/@COMPUTE@/$compute/" "$LAB_SRC/roles/slurm.conf" >"$RUN/slurm.conf"
}

nfs_create() {
  mkdir -p "$NFS/shared"
  cp -a "$RUN/access/home" "$NFS/home"
}

cluster_wait() { # nodes
  local end=$((SECONDS + 60)) idle=0
  while ((SECONDS < end)); do
    kill -0 $$ 2>/dev/null || exit 1
    idle=$(host_exec controller timeout 3 sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | grep -c .) || true
    ((idle < $1)) || return 0
    sleep 0.1
  done
  die "only $idle of $1 nodes are idle (see: lab exec controller sinfo -R)"
}

accounts_add() {
  host_exec controller sacctmgr -i -Q add account research Description=research Organization=lab >/dev/null
  host_exec controller sacctmgr -i -Q add user alice,bob,carol,portal Account=research >/dev/null
}
