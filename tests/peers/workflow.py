"""A rule of Snakemake runs the night: done once, nothing to be done again, on by itself after an interruption (75), stopped by a final code.

  workflow.py PROGRAM       with snakemake beside this Python, from PyPI"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
from campaign import Campaign, expect  # noqa: E402  (its folder is known only now)


def snakemake(campaign, options):
    words = [str(pathlib.Path(sys.executable).parent / "snakemake"), "-s", str(TOP / "jobs/snakemake/Snakefile"), "--cores", "1",
             "--directory", str(campaign.top), "--config", f"incoming={campaign.incoming}", f"out={campaign.out}",
             f"nocturne={campaign.program}", f"db={campaign.db}", f"options={options}"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def interrupt(campaign):
    """USR1 to the run, once it has done a group."""
    for _ in range(600):
        status = campaign.out / "record" / "status.json"
        if campaign.done() >= 1 and status.is_file():
            os.kill(json.loads(status.read_text())["pid"], signal.SIGUSR1)
            return
        time.sleep(0.05)
    raise SystemExit("workflow: the run did not begin")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="nocturne-workflow-") as top:
        campaign = Campaign(program, top + "/night", imsize=256).simulate(20)
        options = " ".join(campaign.options)
        run = snakemake(campaign, options)
        interrupt(campaign)
        said = run.communicate()[0]
        expect(run.returncode == 0, said)
        campaign.check()
        codes = [row[0] for row in campaign.query("SELECT exit_code FROM runs ORDER BY started_at")]
        expect(codes == [75, 0], f"exit codes of the runs: {codes}")
        result = json.loads((campaign.out / "record" / "result.json").read_text())
        expect(len(result["products"]) == campaign.query("SELECT count(*) FROM data_products")[0][0], "result.json lists other products")
        again = snakemake(campaign, options)
        expect("Nothing to be done" in again.communicate()[0], "Snakemake ran it again")
        final = snakemake(Campaign(program, top + "/final").over(campaign), "--min-subbands 12")
        said = final.communicate()[0]
        expect(final.returncode != 0 and said.count("only 2 of 16") == 20, "a final code was not final:\n" + said)
    print("workflow: Snakemake goes on after 75, knows what is done, and stops at a final code")


if __name__ == "__main__":
    main()
