from orchestrator.engine.login import login
from orchestrator.engine.options import Options
from orchestrator.planning.render import Renderer


def test_the_region_of_a_host_counts_for_a_cluster_alone() -> None:
    def region(engine: str | None) -> str:
        seen = Renderer({"region": "eu-west"})
        return login("h", seen, None, Options(engine=engine), implicit=False).address.region

    assert region("dask://127.0.0.1:8786") == "eu-west"
    assert [region(None), region("processes:2"), region("here")] == ["", "", ""]
