#!/usr/bin/env python3
"""Writes the exercise of this folder: two accounts, three weeks of CloudTrail, one incident.

    python3 testdata/incident/generate.py [FOLDER]

Without a folder it writes beside itself. The same seed gives the same events. Needs nothing but the standard library.

The story: the access key of user bob is stolen. At night its thief takes the block from a bucket, opens it to everybody, lets
another account assume a role, leaves a copy of the customers with an ACL of its own, and replicates a bucket away. In the morning
alice finds the open bucket and puts things back; the copied object is found two days later. All else is an ordinary month.
"""

import copy
import gzip
import io
import json
import pathlib
import random
import shutil
import sys
from datetime import datetime, timedelta, timezone

SEED = 20260309
SHOP, STORE, THIEF, PARTNER = "111122223333", "444455556666", "666677778888", "777788889999"
REGION = "eu-central-1"
OWNER = {SHOP: "1f" * 32, STORE: "2e" * 32}
KEYS = {"alice": "AKIAALICEEXAMPLE0001", "bob": "AKIABOBEXAMPLE000002", "ci": "AKIACIEXAMPLE0000003"}
HOSTILE = ["198.51.100.23", "203.0.113.80"]
USERS = ["alice", "bob", "ci"]
ALL_ON = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
START = datetime(2026, 3, 2, tzinfo=timezone.utc)

random_ = random.Random(SEED)


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid, principal, action, resource=None, **more):
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, **({"Resource": resource} if resource else {}), **more}


def read_by_app(bucket):
    app = {"AWS": f"arn:aws:iam::{SHOP}:role/app"}
    return allow("App", app, ["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/*")


def read_by_partner(*prefixes):
    resources = [f"arn:aws:s3:::marlow-exports/{prefix}/*" for prefix in prefixes]
    return allow("Partner", {"AWS": f"arn:aws:iam::{PARTNER}:root"}, "s3:GetObject", resources)


def everybody(bucket, action="s3:GetObject"):
    resource = f"arn:aws:s3:::{bucket}/*" if action == "s3:GetObject" else f"arn:aws:s3:::{bucket}"
    return allow("Everybody" + action.split(":")[1], "*", action, resource)


def trust(*principals):
    return policy(*(allow(f"T{i}", principal, "sts:AssumeRole") for i, principal in enumerate(principals)))


def user(name):
    return {"AWS": f"arn:aws:iam::{SHOP}:user/{name}"}


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}


def bucket(account, document, block=None, ownership="BucketOwnerEnforced"):
    return {"account": account, "policy": document, "block": block, "ownership": ownership, "objects": {}}


def before():
    """The state on the eve of the first day."""
    return {
        "buckets": {
            "marlow-orders": bucket(SHOP, policy(read_by_app("marlow-orders")), dict(ALL_ON)),
            "marlow-exports": bucket(SHOP, policy(read_by_partner("daily")), None, "BucketOwnerPreferred"),
            "marlow-web-assets": bucket(SHOP, policy(everybody("marlow-web-assets"))),
            "marlow-archive": bucket(STORE, policy(), dict(ALL_ON)),
        },
        "roles": {
            (SHOP, "app"): trust({"Service": "ec2.amazonaws.com"}),
            (SHOP, "deploy"): trust(user("alice"), user("ci")),
            (STORE, "backup"): trust(root(SHOP)),
        },
    }


class Month:
    """Events as they happen, with the state that they leave."""

    def __init__(self):
        self.events = []
        self.state = before()
        self.snapshots = {"before": copy.deepcopy(self.state)}

    def id(self):
        digits = f"{random_.getrandbits(128):032x}"
        return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])

    def add(self, time, who, service, name, parameters=None, account=SHOP, response=None, resources=None, error=None,
            address="192.0.2.10", agent="aws-cli/2.24.1", data=False, read=False, more=None):
        event = {
            "eventVersion": "1.11",
            "userIdentity": who,
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1" if service in ("iam", "sts") else REGION,
            "sourceIPAddress": address,
            "userAgent": agent,
            "requestParameters": parameters,
            "responseElements": response,
            "requestID": f"{random_.getrandbits(64):016X}",
            "eventID": self.id(),
            "readOnly": read,
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": account,
            "eventCategory": "Data" if data else "Management",
        }
        if error:
            event["errorCode"], event["errorMessage"] = error
        if resources:
            event["resources"] = resources
        event.update(more or {})
        self.events.append(event)

    def on_bucket(self, time, who, name, bucket, parameters=None, **rest):
        account = rest.pop("account", SHOP)
        host = f"{bucket}.s3.{REGION}.amazonaws.com"
        resources = [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
        self.add(time, who, "s3", name, {"bucketName": bucket, "Host": host, **(parameters or {})}, account,
                 resources=resources, **rest)

    def on_object(self, time, who, name, bucket, key, parameters=None, size=0, **rest):
        account = rest.pop("account", SHOP)
        resources = [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ]
        is_read = name.startswith(("Get", "Head", "List"))
        moved = {"bytesTransferredIn": 0 if is_read else size, "bytesTransferredOut": size if is_read else 0}
        signed = {} if who.get("accountId") == "ANONYMOUS_PRINCIPAL" else {
            "SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader"}
        self.add(time, who, "s3", name, {"bucketName": bucket, "key": key, **(parameters or {})}, account,
                 resources=resources, data=True, read=is_read, more={"additionalEventData": {**signed, **moved}}, **rest)


def iam_user(name, key=None):
    return {"type": "IAMUser", "principalId": f"AIDA{name.upper():E<12}", "arn": f"arn:aws:iam::{SHOP}:user/{name}",
            "accountId": SHOP, "accessKeyId": key or KEYS[name], "userName": name}


def session(role, name, account=SHOP, key=None):
    issuer = {"type": "Role", "principalId": f"AROA{role.upper():E<12}", "arn": f"arn:aws:iam::{account}:role/{role}",
              "accountId": account, "userName": role}
    return {"type": "AssumedRole", "principalId": f"{issuer['principalId']}:{name}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}", "accountId": account,
            "accessKeyId": key or f"ASIA{role.upper():E<16}",
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}}}


ANYONE = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
THIEVES = {"type": "AWSAccount", "principalId": "AIDATHIEFEEEEEEEEEEEE", "accountId": THIEF}


def at(day, time):
    hours, minutes, seconds = (int(part) for part in time.split(":"))
    return START + timedelta(days=day - 2, hours=hours, minutes=minutes, seconds=seconds)


def set_policy(month, time, who, bucket, document, **rest):
    month.on_bucket(time, who, "PutBucketPolicy", bucket, {"policy": "", "bucketPolicy": document}, **rest)
    if "error" not in rest:
        month.state["buckets"][bucket]["policy"] = document


def set_trust(month, time, who, role, document, **rest):
    parameters = {"roleName": role, "policyDocument": json.dumps(document)}
    month.add(time, who, "iam", "UpdateAssumeRolePolicy", parameters, **rest)
    month.state["roles"][(SHOP, role)] = document


def ordinary_changes(month):
    alice = iam_user("alice")
    set_policy(month, at(3, "09:12:04"), alice, "marlow-exports", policy(read_by_partner("daily", "monthly")))
    month.on_bucket(at(5, "10:02:41"), alice, "PutBucketTagging", "marlow-web-assets",
                    {"tagging": "", "Tagging": {"TagSet": {"Tag": {"Key": "team", "Value": "web"}}}})
    month.on_bucket(at(5, "10:02:55"), alice, "PutBucketLifecycle", "marlow-web-assets", {"lifecycle": ""})
    backup = session("backup", "nightly", STORE)
    made = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    month.on_bucket(at(16, "13:30:12"), backup, "CreateBucket", "marlow-reports", made, account=STORE)
    month.state["buckets"]["marlow-reports"] = bucket(STORE, None, dict(ALL_ON))
    read = allow("Shop", root(SHOP), "s3:GetObject", "arn:aws:s3:::marlow-reports/*")
    set_policy(month, at(16, "13:31:40"), backup, "marlow-reports", policy(read), account=STORE)
    document = trust(root(SHOP))
    month.add(at(16, "13:35:02"), backup, "iam", "CreateRole",
              {"roleName": "reporting", "path": "/", "assumeRolePolicyDocument": json.dumps(document)}, STORE,
              response={"role": {"roleName": "reporting", "path": "/", "roleId": "AROAREPORTINGEEEEEEEE",
                                 "arn": f"arn:aws:iam::{STORE}:role/reporting"}})
    month.state["roles"][(STORE, "reporting")] = document


def attack(month):
    bob = iam_user("bob")
    where = {"address": HOSTILE[0], "agent": "Boto3/1.35.0"}
    month.add(at(9, "02:14:07"), bob, "sts", "GetCallerIdentity", read=True, **where)
    month.add(at(9, "02:14:31"), bob, "s3", "ListBuckets", read=True, **where)
    for seconds, name in enumerate(["marlow-orders", "marlow-exports", "marlow-web-assets"]):
        month.on_bucket(at(9, f"02:15:{seconds:02}"), bob, "GetBucketPolicy", name, {"policy": ""}, read=True, **where)
    opened = policy(read_by_app("marlow-orders"), everybody("marlow-orders"), everybody("marlow-orders", "s3:ListBucket"))
    refused = ("AccessDenied", f"User: arn:aws:iam::{SHOP}:user/bob is not authorized to perform: s3:PutBucketPolicy on "
               'resource: "arn:aws:s3:::marlow-orders" because public policies are blocked by the BlockPublicPolicy '
               "block public access setting.")
    set_policy(month, at(9, "02:20:15"), bob, "marlow-orders", opened, error=refused, **where)
    month.on_bucket(at(9, "02:22:40"), bob, "DeleteBucketPublicAccessBlock", "marlow-orders",
                    {"publicAccessBlock": ""}, **where)
    month.state["buckets"]["marlow-orders"]["block"] = None
    set_policy(month, at(9, "02:23:02"), bob, "marlow-orders", opened, **where)
    for number in range(40):
        time = at(9, "02:31:00") + timedelta(seconds=97 * number)
        month.on_object(time, ANYONE, "GetObject", "marlow-orders", f"2026/02/{number:03}.json", size=48_000 + number,
                        address=HOSTILE[1], agent="curl/8.11.0")
    for number in range(12):
        time = at(9, "02:40:00") + timedelta(seconds=61 * number)
        month.on_object(time, bob, "GetObject", "marlow-exports", f"daily/{number:02}.csv", size=512_000, **where)
    set_trust(month, at(9, "03:05:19"), bob, "deploy", trust(user("alice"), user("ci"), root(THIEF)), **where)
    month.add(at(9, "03:07:51"), bob, "iam", "CreateAccessKey", {"userName": "ci"},
              response={"accessKey": {"userName": "ci", "status": "Active", "accessKeyId": "AKIASTOLENEXAMPLE004"}}, **where)
    month.on_object(at(9, "03:20:33"), bob, "CopyObject", "marlow-exports", "tmp/c.csv",
                    {"x-amz-copy-source": "marlow-orders/customers.csv", "x-amz-acl": "public-read"}, 2_400_000, **where)
    month.state["buckets"]["marlow-exports"]["objects"]["tmp/c.csv"] = True
    for number in range(3):
        month.on_object(at(9, f"03:2{number + 4}:02"), ANYONE, "GetObject", "marlow-exports", "tmp/c.csv", size=2_400_000,
                        address=HOSTILE[1], agent="curl/8.11.0", )
    rule = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::crate-of-thieves", "Account": THIEF}}
    month.on_bucket(at(9, "03:30:45"), bob, "PutBucketReplication", "marlow-exports",
                    {"replication": "", "ReplicationConfiguration": {"Rule": rule}}, **where)
    refused = ("AccessDenied", f"User: arn:aws:iam::{SHOP}:user/bob is not authorized to perform: cloudtrail:StopLogging "
               f"on resource: arn:aws:cloudtrail:{REGION}:{SHOP}:trail/marlow")
    month.add(at(9, "03:41:10"), bob, "cloudtrail", "StopLogging", error=refused, **where)
    role = f"arn:aws:iam::{SHOP}:role/deploy"
    month.add(at(9, "04:02:27"), THIEVES, "sts", "AssumeRole", {"roleArn": role, "roleSessionName": "x"}, address=HOSTILE[0],
              response={"credentials": {"accessKeyId": "ASIATHIEFEXAMPLE0005"}},
              more={"sharedEventID": "7d9d5d4e-6c0e-4b0c-9a53-3f5b7f1f2a10"})
    thief = session("deploy", "x", key="ASIATHIEFEXAMPLE0005")
    for number in range(6):
        month.on_object(at(9, f"04:1{number}:40"), thief, "GetObject", "marlow-orders", f"2026/01/{number:03}.json",
                        size=51_000, address=HOSTILE[0], agent="Boto3/1.35.0")


def repair(month):
    month.snapshots["compromised"] = copy.deepcopy(month.state)
    alice = iam_user("alice")
    set_policy(month, at(10, "08:41:30"), alice, "marlow-orders", policy(read_by_app("marlow-orders")))
    block = {"PublicAccessBlockConfiguration": dict(ALL_ON), "publicAccessBlock": ""}
    month.on_bucket(at(10, "08:44:02"), alice, "PutBucketPublicAccessBlock", "marlow-orders", block)
    month.state["buckets"]["marlow-orders"]["block"] = dict(ALL_ON)
    month.add(at(10, "08:50:19"), alice, "iam", "UpdateAccessKey",
              {"userName": "bob", "accessKeyId": KEYS["bob"], "status": "Inactive"})
    month.add(at(10, "08:53:44"), alice, "iam", "DeleteAccessKey", {"userName": "ci", "accessKeyId": "AKIASTOLENEXAMPLE004"})
    set_trust(month, at(10, "09:05:11"), alice, "deploy", trust(user("alice"), user("ci")))
    older = policy({"Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-03-10T09:06:58Z"}}})
    month.add(at(10, "09:06:58"), alice, "iam", "PutRolePolicy",
              {"roleName": "deploy", "policyName": "AWSRevokeOlderSessions", "policyDocument": json.dumps(older)})
    month.on_bucket(at(10, "09:20:37"), alice, "DeleteBucketReplication", "marlow-exports", {"replication": ""})
    month.on_object(at(12, "14:02:08"), alice, "PutObjectAcl", "marlow-exports", "tmp/c.csv",
                    {"acl": "", "x-amz-acl": "private"})
    month.state["buckets"]["marlow-exports"]["objects"]["tmp/c.csv"] = False


def ordinary(month):
    """What goes on every day."""
    app, ci, deploy = session("app", "i-0a1b2c3d4e5f60718"), iam_user("ci"), session("deploy", "ci")
    backup = session("backup", "nightly", STORE)
    for day in range(2, 23):
        for _ in range(96):
            time = at(day, "00:00:00") + timedelta(seconds=random_.randrange(86_400))
            number = random_.randrange(1000)
            inside = {"address": "10.20.0.17", "agent": "aws-sdk-java/2.29.0"}
            match random_.randrange(10):
                case 0 | 1 | 2:
                    month.on_object(time, app, "PutObject", "marlow-orders", f"2026/03/{number:03}.json", size=4000 + number, **inside)
                case 3 | 4:
                    month.on_object(time, app, "GetObject", "marlow-orders", f"2026/03/{number:03}.json", size=4000 + number, **inside)
                case 5 | 6:
                    month.on_object(time, ANYONE, "GetObject", "marlow-web-assets", f"img/{number:03}.png", size=20_000,
                                    address=f"192.0.2.{random_.randrange(100, 200)}", agent="Mozilla/5.0")
                case 7:
                    month.on_object(time, backup, "PutObject", "marlow-archive", f"{day:02}/{number:03}.gz", size=90_000,
                                    account=STORE, address="10.30.0.4")
                case 8:
                    month.add(time, app, "ec2", "DescribeInstances", read=True, **inside)
                case _:
                    month.add(time, ci, "sts", "AssumeRole",
                              {"roleArn": f"arn:aws:iam::{SHOP}:role/deploy", "roleSessionName": "ci"},
                              response={"credentials": {"accessKeyId": deploy["accessKeyId"]}})


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_logs(folder, events):
    days = {}
    for event in sorted(events, key=lambda event: (event["eventTime"], event["eventID"])):
        days.setdefault((event["recipientAccountId"], event["eventTime"][:10]), []).append(event)
    for (account, day), of_day in days.items():
        random_.shuffle(of_day)  # a file is in no order
        stamp = day.replace("-", "")
        name = f"{account}_CloudTrail_{REGION}_{stamp}T2355Z_{random_.getrandbits(64):016x}.json.gz"
        path = folder / "AWSLogs" / account / "CloudTrail" / REGION / day.replace("-", "/") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as out:
            out.write(json.dumps({"Records": of_day}, separators=(",", ":")).encode())
        path.write_bytes(packed.getvalue())


def write_snapshot(folder, state):
    for account in (SHOP, STORE):
        s3 = folder / account / "s3"
        names = sorted(name for name, one in state["buckets"].items() if one["account"] == account)
        listed = [{"Name": name, "CreationDate": "2024-05-01T08:00:00+00:00"} for name in names]
        write_json(s3 / "buckets.json", {"Buckets": listed, "Owner": {"ID": OWNER[account]}})
        for name in names:
            one = state["buckets"][name]
            owner = {"ID": OWNER[account]}
            full = {"Grantee": {**owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
            write_json(s3 / name / "bucket-acl.json", {"Owner": owner, "Grants": [full]})
            write_json(s3 / name / "bucket-location.json", {"LocationConstraint": REGION})
            rules = {"Rules": [{"ObjectOwnership": one["ownership"]}]}
            write_json(s3 / name / "bucket-ownership-controls.json", {"OwnershipControls": rules})
            if one["policy"] and one["policy"]["Statement"]:
                write_json(s3 / name / "bucket-policy.json", {"Policy": json.dumps(one["policy"])})
            if one["block"]:
                write_json(s3 / name / "public-access-block.json", {"PublicAccessBlockConfiguration": one["block"]})
            for number, (key, is_public) in enumerate(sorted(one["objects"].items())):
                everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
                grants = [full] + ([{"Grantee": everybody, "Permission": "READ"}] if is_public else [])
                write_json(s3 / name / "objects" / f"{number}.json", {"Key": key, "Acl": {"Owner": owner, "Grants": grants}})
        roles = [{"Path": "/", "RoleName": role, "RoleId": f"AROA{role.upper():E<12}",
                  "Arn": f"arn:aws:iam::{account}:role/{role}", "CreateDate": "2024-05-01T08:00:00+00:00",
                  "AssumeRolePolicyDocument": document, "RolePolicyList": [], "AttachedManagedPolicies": []}
                 for (of, role), document in sorted(state["roles"].items()) if of == account]
        users = [{"Path": "/", "UserName": name, "UserId": f"AIDA{name.upper():E<12}",
                  "Arn": f"arn:aws:iam::{account}:user/{name}"} for name in USERS if account == SHOP]
        write_json(folder / account / "iam" / "account-authorization-details.json",
                   {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": []})


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for name in ("logs", "snapshots"):
        shutil.rmtree(folder / name, ignore_errors=True)
    month = Month()
    attack(month)
    repair(month)
    ordinary_changes(month)
    ordinary(month)
    month.snapshots["contained"] = month.state
    write_logs(folder / "logs", month.events)
    for name, state in month.snapshots.items():
        write_snapshot(folder / "snapshots" / name, state)
    write_json(folder / "facts.json", {
        "accounts": [SHOP, STORE],
        "hostile": {"accounts": [THIEF], "addresses": HOSTILE, "access_keys": [KEYS["bob"], "AKIASTOLENEXAMPLE004", "ASIATHIEFEXAMPLE0005"]},
        "legitimate": {"accounts": [PARTNER], "principals": [f"arn:aws:iam::{SHOP}:role/app", f"arn:aws:iam::{SHOP}:user/alice",
                                                            f"arn:aws:iam::{SHOP}:user/ci", f"arn:aws:iam::{STORE}:role/backup"]},
        "from": "2026-03-09T02:14:07Z", "to": "2026-03-12T14:02:08Z", "events": len(month.events)})


if __name__ == "__main__":
    main()
