"""Makes in the emulators what docs/deploy-aws.md makes on AWS, and prints the id CloudFront gave to the public key.

usage: prepare.py DYNAMODB_URL SERVICES_URL PRIVATE_PEM PUBLIC_PEM OBJECTS_FOLDER
"""

import json
import mimetypes
import pathlib
import sys

import boto3

dynamodb_url, services_url, private_pem, public_pem, objects = sys.argv[1:]
TYPES = {".mpd": "application/dash+xml", ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".m4s": "video/iso.segment"}


def client(service):
    url = dynamodb_url if service == "dynamodb" else services_url
    # Made up: no emulator checks them, and those of an account have no business there.
    return boto3.client(
        service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def make_tables(dynamodb):
    for name, keys in {"entitlements": ["user", "series"], "catalog": ["series", "episode"], "sessions": ["user"]}.items():
        dynamodb.create_table(
            TableName=f"tollgate-{name}",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ["HASH", "RANGE"])],
        )
    dynamodb.update_time_to_live(
        TableName="tollgate-sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )


def make_key(cloudfront, secrets):
    config = {
        "CallerReference": "aws-local",
        "Name": "tollgate-aws-local",
        "EncodedKey": pathlib.Path(public_pem).read_text(),
    }
    key = cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "tollgate-aws-local", "Items": [key]})
    secret = {"keyPairId": key, "privateKey": pathlib.Path(private_pem).read_text()}
    secrets.create_secret(Name="tollgate/signing-key", SecretString=json.dumps(secret))
    return key, group["KeyGroup"]["Id"]


def put_objects(s3):
    s3.create_bucket(Bucket="tollgate-media")
    root = pathlib.Path(objects)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        s3.put_object(
            Bucket="tollgate-media", Key=path.relative_to(root).as_posix(), Body=path.read_bytes(), ContentType=kind
        )


make_tables(client("dynamodb"))
put_objects(client("s3"))
print(*make_key(client("cloudfront"), client("secretsmanager")))
