"""What a first-time user is told: where it is, and who may sign in."""

import json
from typing import Any

from clinic.running.places import Places, write_private


def write_demo(places: Places, address: str) -> dict[str, Any]:
    """`var/demo.json` from what `load_demo` left, with this run's address; without a demonstration, only that."""
    secrets = json.loads(places.demo_secrets.read_text()) if places.demo_secrets.exists() else {}
    client = secrets.get("api_client")
    demo: dict[str, Any] = {
        "url": address,
        "sign_ins": secrets.get("sign_ins", []),
        "api_client": {**client, "token_url": f"{address}/o/token/"} if client else None,
    }
    write_private(places.demo, json.dumps(demo, indent=2, ensure_ascii=False) + "\n")
    return demo


def greet(places: Places, demo: dict[str, Any]) -> None:
    print(f"\nStepwell is open at {demo['url']}\n")
    if demo["sign_ins"]:
        wide = max(len(str(entry["role"])) for entry in demo["sign_ins"])
        print("Sign in as (a demonstration clinic with invented people; no real message can leave it):")
        for entry in demo["sign_ins"]:
            print(f"  {entry['role']:<{wide}}  {entry['email']}  {entry['password']}")
    if demo["api_client"]:
        client = demo["api_client"]
        print(f"API client: id {client['id']}  secret {client['secret']}  token {client['token_url']}")
    print(f"\nAll of this is in {places.demo}. Logs: {places.logs}. Stop with Ctrl-C.\n", flush=True)
