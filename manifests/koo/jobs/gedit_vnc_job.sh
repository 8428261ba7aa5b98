#!/bin/bash
#SBATCH --job-name=gedit_vnc
#SBATCH --partition=viz
#SBATCH --nodes=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=02:00:00

set -u
info=/tmp/app_session_${SESSION_ID}.info
trap 'rm -f "$info"' EXIT

display=1
while [ -e "/tmp/.X11-unix/X$display" ]; do display=$((display + 1)); done
vnc_port=$((5900 + display))

{
  echo "JOB_ID=$SLURM_JOB_ID"
  echo "NODE=$(hostname -s)"
  echo "NODE_IP=$(hostname -I | cut -d' ' -f1)"
  echo "VNC_PORT=$vnc_port"
  echo "SESSION_ID=$SESSION_ID"
  echo "STATUS=running"
  echo "START_TIME=$(date +%s)"
} >"$info"

exec apptainer exec --nv --bind /home /opt/apptainers/apps/gedit/gedit.sif \
  start-vnc-session --display "$display" --port "$vnc_port" -- gedit
